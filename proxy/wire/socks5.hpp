#pragma once

#include "proxy/wire/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// SOCKS version 5 (RFC 1928), CONNECT without authentication. Both sides: ours as a server, and towards a parent
/// proxy.
namespace paravent::wire::socks5 {

/// Reply codes of RFC 1928, section 6.
enum class Reply : std::uint8_t {
    succeeded = 0,
    general_failure = 1,
    not_allowed = 2,
    network_unreachable = 3,
    host_unreachable = 4,
    connection_refused = 5,
    ttl_expired = 6,
    command_not_supported = 7,
    address_type_not_supported = 8,
};

struct Greeting {
    bool no_authentication = false; ///< the client offers method 0
};
/// Returns the number of bytes the greeting takes, 0 while it is incomplete.
result<std::size_t> parse_greeting(std::string_view in, Greeting& out) noexcept;

struct Request {
    Reply refusal = Reply::succeeded; ///< other than succeeded: the request is whole but not to be served; say this
    std::string host;                 ///< normal form (rules/domains.hpp); IPv6 without brackets
    bool ip_literal = false;
    std::uint16_t port = 0;
};
/// The same for the request. BIND and UDP ASSOCIATE, unknown address types, names of 0 bytes, with NUL or that are no
/// host, and port 0 set `refusal`; a wrong version or reserved byte is an error value. A request with an unknown
/// address type has no known length: its four first bytes are taken.
result<std::size_t> parse_request(std::string_view in, Request& out);

inline constexpr std::string_view method_none{"\x05\x00", 2};
inline constexpr std::string_view method_unacceptable{"\x05\xff", 2};
/// The reply with a bound address of 0.0.0.0:0.
std::array<char, 10> reply(Reply code) noexcept;

/// Towards a parent proxy: greeting (with user and password per RFC 1929 where user is not empty) and request bytes.
std::string client_greeting(bool with_password);
/// Both of 1 to 255 bytes.
/// @throws std::length_error elsewhere: settings are checked before
std::string client_password(std::string_view user, std::string_view password);
/// `host` in normal form: an address goes as one, all else as a name.
std::string client_request(std::string_view host, std::uint16_t port);
/// The parent's choice of method (RFC 1928, section 3): what it chose of what `client_greeting` offered.
enum class Method : std::uint8_t { none = 0, password = 2, unacceptable = 0xff };
/// Bytes taken (2), 0 while incomplete. A method that `client_greeting` never offers is an error value.
result<std::size_t> parse_method(std::string_view in, Method& out) noexcept;
/// The parent's answer to `client_password` (RFC 1929, section 2).
result<std::size_t> parse_password_reply(std::string_view in, bool& accepted) noexcept;
/// Bytes that the parent's reply takes, 0 while incomplete; `code` says how it ended.
result<std::size_t> parse_reply(std::string_view in, Reply& code) noexcept;

} // namespace paravent::wire::socks5
