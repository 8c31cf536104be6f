#pragma once

#include "proxy/wire/http1.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace paravent::wire::http2 {

/// The fields of one head or trailer on their way out, written anew: nothing that belongs to one hop, nothing with
/// bytes that do not belong there. Views what it was given; names are put in lower case when they are sent.
class Lines {
public:
    Lines() = default;
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    void add(std::string_view name, std::string_view value);
    void add_status(unsigned status);
    void add_length(std::optional<std::uint64_t> length);
    /// What may pass of `fields`; Connection's names are honoured, for fields that came in HTTP/1.
    void add_passing(const std::vector<http1::Field>& fields);
    /// Complete lines of ours ("Name: value\r\n").
    void add_extra(std::string_view lines);
    /// Those of the trailer lines that may be forwarded.
    void add_trailer(std::string_view lines);

    const std::vector<http1::Field>& fields() const noexcept { return fields_; }

private:
    std::vector<http1::Field> fields_;
    std::array<char, 4> status_{};
    std::array<char, 20> length_{}; ///< 2^64 has 20 decimal digits
};

} // namespace paravent::wire::http2
