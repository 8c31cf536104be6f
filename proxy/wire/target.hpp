#pragma once

#include "proxy/wire/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::wire {

/// Where a request goes, from its target as browsers send it (WHATWG reading; the bytes of path and query are kept).
struct Target {
    enum class Form : std::uint8_t { origin, absolute, authority, asterisk } form = Form::origin;
    bool https = false; ///< absolute: https or wss
    std::string host;   ///< absolute, authority: in normal form (rules/domains.hpp); IPv6 without brackets
    bool ip_literal = false;
    std::uint16_t port = 0; ///< absolute, authority: as written, or the scheme's default (authority: must be written)
    /// Path and query as sent, fragment cut off; views the input. Absolute-form may lack a path: then it is "/" (a
    /// constant) or, with a query, begins with "?"; `origin_form` puts in the slash. Empty in authority-form.
    std::string_view path;
    bool bare = false; ///< absolute: neither path nor query stands behind the authority
};

/// Reads a request target. Userinfo, a port that is no number from 1 to 65535 (digits only), control bytes, blanks and
/// schemes other than http, https, ws, wss are `bad_request`. `connect`: only authority-form is accepted, else never.
/// An empty port, a backslash in the authority and a host that is none (also an empty one: `http:///x`) are refused
/// too.
result<Target> parse_target(std::string_view in, bool connect);

/// What stands in the request line to an origin: path and query, beginning with "/"; for asterisk-form "*", and also
/// for OPTIONS where absolute-form had neither path nor query (RFC 9112, section 3.2.4). `method` is the request's.
std::string origin_form(const Target& target, std::string_view method);

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
