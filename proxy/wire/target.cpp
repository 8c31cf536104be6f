#include "proxy/wire/target.hpp"

#include "proxy/wire/characters.hpp"
#include "rules/domains.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace paravent::wire {
namespace {

struct Scheme {
    std::string_view start; ///< with "://", in lower case
    bool https;
};
constexpr Scheme schemes[] = {{"http://", false}, {"https://", true}, {"ws://", false}, {"wss://", true}};

constexpr std::uint16_t default_port(bool https) noexcept
{
    return https ? 443 : 80;
}

std::string_view without_fragment(std::string_view target) noexcept
{
    return target.substr(0, target.find('#'));
}

/// In normal form a name never ends in a number, unless it is an IPv4 address (URL standard, "ends in a number").
bool is_ip_literal(std::string_view host) noexcept
{
    const std::string_view last = host.substr(host.rfind('.') + 1);
    return host.find(':') != std::string_view::npos || std::all_of(last.begin(), last.end(), is_digit);
}

/// host, host:port, [v6], [v6]:port. Port 0 where none is written.
result<HostPort> read_host_port(std::string_view in)
{
    if (!std::all_of(in.begin(), in.end(), is_authority))
        return Error::bad_request;
    const bool bracketed = in.starts_with('[');
    const std::size_t end = bracketed ? in.find(']') : in.find(':');
    if (bracketed && end == std::string_view::npos)
        return Error::bad_request;
    const std::size_t host_size = bracketed ? end + 1 : std::min(end, in.size());
    const std::string_view host = in.substr(0, host_size);
    const std::string_view rest = in.substr(host_size);

    HostPort out;
    if (!rest.empty()) {
        if (rest.front() != ':')
            return Error::bad_request;
        const auto port = parse_decimal(rest.substr(1), 65535);
        if (!port || *port == 0)
            return Error::bad_request;
        out.port = static_cast<std::uint16_t>(*port);
    }
    auto normal = rules::normal_host(host);
    // An address of version 6 stands in brackets, or nobody could tell its end from a port; also not percent-encoded.
    if (!normal || (normal->find(':') != std::string::npos) != bracketed)
        return Error::bad_request;
    // Percent-decoding must not bring in what could not have been written: the name goes out in a Host field.
    if (!std::all_of(normal->begin(), normal->end(), is_authority))
        return Error::bad_request;
    out.host = std::move(*normal);
    out.ip_literal = is_ip_literal(out.host);
    return out;
}

result<Target> read_authority_form(std::string_view in)
{
    auto authority = read_host_port(in);
    if (!authority || authority->port == 0)
        return Error::bad_request;
    Target out;
    out.form = Target::Form::authority;
    out.host = std::move(authority->host);
    out.ip_literal = authority->ip_literal;
    out.port = authority->port;
    return out;
}

result<Target> read_absolute_form(std::string_view in)
{
    const auto scheme = std::find_if(std::begin(schemes), std::end(schemes),
                                     [in](const Scheme& s) { return starts_with_lower(in, s.start); });
    if (scheme == std::end(schemes))
        return Error::bad_request;
    in.remove_prefix(scheme->start.size());
    // A backslash would end the authority for a browser and not for RFC 3986: it is no byte of an authority here, so
    // one that comes before the path is refused.
    const auto ends_authority = [](char c) { return c == '/' || c == '?'; };
    const auto end = static_cast<std::size_t>(std::find_if(in.begin(), in.end(), ends_authority) - in.begin());
    auto authority = read_host_port(in.substr(0, end));
    if (!authority)
        return authority.error();
    Target out;
    out.form = Target::Form::absolute;
    out.https = scheme->https;
    out.host = std::move(authority->host);
    out.ip_literal = authority->ip_literal;
    out.port = authority->port != 0 ? authority->port : default_port(out.https);
    out.bare = end == in.size();
    out.path = out.bare ? std::string_view{"/"} : in.substr(end);
    return out;
}

} // namespace

result<Target> parse_target(std::string_view in, bool connect)
{
    if (!is_visible(in))
        return Error::bad_request;
    if (connect)
        return read_authority_form(in);
    Target out;
    if (in == "*") {
        out.form = Target::Form::asterisk;
        out.path = in;
        return out;
    }
    in = without_fragment(in);
    if (!in.starts_with('/'))
        return read_absolute_form(in);
    out.path = in;
    return out;
}

std::string origin_form(const Target& target, std::string_view method)
{
    if (target.bare && method == "OPTIONS")
        return "*";
    std::string out;
    if (target.path.starts_with('?'))
        out = "/";
    return out.append(target.path);
}

result<HostPort> parse_host(std::string_view in)
{
    return read_host_port(in);
}

std::string host_field(std::string_view host, std::uint16_t port, bool https)
{
    const bool bracketed = host.find(':') != std::string_view::npos;
    std::string out;
    out.reserve(host.size() + 8);
    if (bracketed)
        out += '[';
    out += host;
    if (bracketed)
        out += ']';
    if (port != default_port(https))
        out.append(":").append(std::to_string(port));
    return out;
}

result<std::uint64_t> parse_decimal(std::string_view digits, std::uint64_t most) noexcept
{
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit))
        return Error::bad_request;
    std::uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc{} || value > most)
        return Error::bad_request;
    return value;
}

} // namespace paravent::wire
