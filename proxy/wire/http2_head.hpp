#pragma once

#include "proxy/wire/http2.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::wire::http2 {

/// Gathers the fields of one head as HPACK gives them, and judges what nghttp2's own check of HTTP messages leaves.
class HeadReader {
public:
    enum class Kind : std::uint8_t { request, response, trailer };
    explicit HeadReader(Kind kind) : kind_(kind) {}

    /// False: too much to go on reading (an HPACK bomb).
    bool add(std::string_view name, std::string_view value);

    Kind kind() const noexcept { return kind_; }
    /// Over http1's bounds; what was gathered is no head.
    bool too_large() const noexcept { return too_large_; }
    /// The head; none where it is malformed. end: no body follows.
    std::optional<Message> message(bool end);
    /// Lines that may be forwarded.
    std::string trailer() { return std::move(trailer_); }

private:
    struct Part {
        std::uint32_t at = 0, size = 0;
    };
    struct Entry {
        Part name, value;
    };
    Part keep(std::string_view text);
    void join_cookies();
    bool judge_request(Message& out, bool end) const;
    static bool judge_host(Message& out);

    Kind kind_;
    bool too_large_ = false;
    std::size_t size_ = 0;   ///< as SETTINGS_MAX_HEADER_LIST_SIZE counts it: 32 bytes more a field
    std::size_t fields_ = 0; ///< all cookie fields are one
    std::optional<Part> method_, scheme_, authority_, path_, status_;
    std::vector<Entry> entries_;
    std::size_t cookies_ = 0;
    std::vector<char> bytes_;
    std::string trailer_;
};

} // namespace paravent::wire::http2
