#pragma once

#include "proxy/wire/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::wire {

/// Where a request goes, from its target as browsers send it (WHATWG reading; the bytes of path and query are kept).
struct Target {
    enum class Form : std::uint8_t { origin, absolute, authority, asterisk } form = Form::origin;
    bool https = false;     ///< absolute: https or wss
    std::string host;       ///< absolute, authority: in normal form (rules/domains.hpp); IPv6 without brackets
    bool ip_literal = false;
    std::uint16_t port = 0; ///< absolute, authority: as written, or the scheme's default (authority: must be written)
    std::string_view path;  ///< path and query as sent, fragment cut off; "/" where absolute-form has none; views the input
};

/// Reads a request target. Userinfo, a port that is no number from 1 to 65535 (digits only), control bytes, blanks and
/// schemes other than http, https, ws, wss are `bad_request`. `connect`: only authority-form is accepted, else never.
result<Target> parse_target(std::string_view in, bool connect);

/// A Host field's value: host[:port] in the same reading. Port 0 where none is written.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
    bool ip_literal = false;
};
result<HostPort> parse_host(std::string_view in);

/// "host", "host:port", "[v6]:port": the Host field to send; the port is left out where it is the scheme's default.
std::string host_field(std::string_view host, std::uint16_t port, bool https);

/// The one digit parser: 1 or more digits, the whole field, nothing else; overflow over `most` is an error.
result<std::uint64_t> parse_decimal(std::string_view digits, std::uint64_t most) noexcept;

} // namespace paravent::wire
