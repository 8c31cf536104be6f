#pragma once

#include "proxy/wire/http1.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace paravent::wire::http1 {

/// The lines of a head, found before any of them is read: one memchr a line, at most 201 lines, so a head that arrives
/// byte by byte costs a scan each time and no more.
class HeadLines {
public:
    /// Looks in `in` for the empty line that ends a head of at most `most` bytes. Returns the bytes it takes, 0 while
    /// it is incomplete. A line that does not end in CRLF is `malformed`.
    result<std::size_t> find(std::string_view in, std::size_t most, Error malformed) noexcept;

    /// Complete lines so far, the empty one not counted.
    std::size_t count() const noexcept { return count_; }
    /// Line number `i`, without its CRLF.
    std::string_view operator[](std::size_t i) const noexcept;

private:
    std::string_view in_;
    std::size_t count_ = 0;
    std::array<std::uint32_t, max_fields + 1> ends_; ///< where each line's LF stands; only the first count_ are set
};

/// Reads "name: value" from a line without its CRLF. False where it is no field line: the name is no token or does not
/// reach to the colon (a folded line's does not), or the value has control bytes.
bool read_field(std::string_view line, Field& out) noexcept;

/// What the fields of a head say about its framing and its connection, gathered while they are read.
struct HeadFacts {
    std::string_view host, length, coding, upgrade;
    unsigned hosts = 0, lengths = 0, codings = 0;
    bool close = false;            ///< Connection (or Proxy-Connection) names it,
    bool keep_alive = false;       ///< and these: Connection only,
    bool proxy_keep_alive = false; ///< Proxy-Connection only
    bool names_upgrade = false;
    bool expect_continue = false;
    bool te_trailers = false;
    unsigned options = 0; ///< elements of Connection
};

/// More than this is no connection's business, and each is compared with every field (security-goals, learned 5).
inline constexpr unsigned max_connection_options = 32;

/// Reads lines 1 and up into `fields` and `facts`. False: one of them is no field line, or Connection lists too much.
bool read_fields(const HeadLines& lines, std::vector<Field>& fields, HeadFacts& facts);

/// Whether a protocol of this Upgrade value may be asked for through us. HTTP/2 over cleartext would let a client and
/// an origin go on with requests that nobody reads (h2c smuggling), and RFC 9113 took it back.
bool may_upgrade(std::string_view protocols) noexcept;

} // namespace paravent::wire::http1
