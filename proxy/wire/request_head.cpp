#include "proxy/wire/characters.hpp"
#include "proxy/wire/head_lines.hpp"
#include "proxy/wire/target.hpp"

#include <algorithm>
#include <limits>

namespace paravent::wire::http1 {
namespace {

constexpr std::size_t max_method = 32;
constexpr std::string_view version_shape = " HTTP/1.1";
constexpr std::size_t max_request_line = max_method + 1 + max_target + version_shape.size();

void reset(RequestHead& head)
{
    std::vector<Field> fields = std::move(head.fields);
    fields.clear();
    head = RequestHead{};
    head.fields = std::move(fields);
}

/// Length of the method at the start of `in`; 0 where no method can stand there, in.size() while it may go on.
std::size_t method_length(std::string_view in) noexcept
{
    std::size_t n = 0;
    while (n < in.size() && n <= max_method && is_token(in[n]))
        ++n;
    const bool ended = n < in.size();
    return n > max_method || (ended && in[n] != ' ') ? 0 : n;
}

/// The "1" of "HTTP/1.1" behind the last blank.
result<unsigned> read_version(std::string_view version) noexcept
{
    if (!version.starts_with(" HTTP/") || !is_digit(version[6]) || version[7] != '.' || !is_digit(version[8]))
        return Error::bad_request;
    if (version[6] != '1')
        return Error::version_not_supported;
    return version[8] == '0' ? 0U : 1U; // a later minor version is read as 1.1 (RFC 9110, section 2.5)
}

result<void> read_request_line(std::string_view line, RequestHead& out) noexcept
{
    const std::size_t method = method_length(line);
    if (method == 0 || line.size() < method + 2 + version_shape.size())
        return Error::bad_request;
    out.method = line.substr(0, method);
    out.target = line.substr(method + 1, line.size() - method - 1 - version_shape.size());
    const auto version = read_version(line.substr(line.size() - version_shape.size()));
    if (!version)
        return version.error();
    out.minor = *version;
    if (out.target.size() > max_target)
        return Error::target_too_long;
    if (!is_visible(out.target) || (out.target == "*" && out.method != "OPTIONS"))
        return Error::bad_request;
    return {};
}

/// RFC 9112, section 3.2. The value is read in full by `parse_host`, where it counts; here it may not be a list or a
/// path.
result<void> read_host(const HeadFacts& facts, RequestHead& out) noexcept
{
    if (facts.hosts > 1 || (facts.hosts == 0 && out.minor >= 1))
        return Error::bad_request;
    if (facts.hosts == 0)
        return {};
    const bool needed = out.target.front() == '/' || out.target.front() == '*';
    if ((facts.host.empty() && needed) || !std::all_of(facts.host.begin(), facts.host.end(), is_authority))
        return Error::bad_request;
    out.host = facts.host;
    return {};
}

/// RFC 9112, section 6.3; whatever leaves a doubt is refused.
result<void> read_framing(const HeadFacts& facts, RequestHead& out) noexcept
{
    if (facts.lengths + facts.codings > 1)
        return Error::bad_request;
    if (facts.codings == 1) {
        if (out.minor == 0)
            return Error::bad_request;
        if (!equals_lower(facts.coding, "chunked"))
            return Error::not_implemented;
        out.framing = Framing::chunked;
    } else if (facts.lengths == 1) {
        const auto length = parse_decimal(facts.length, std::numeric_limits<std::int64_t>::max());
        if (!length)
            return length.error();
        out.framing = Framing::length;
        out.length = *length;
    }
    if (out.method == "CONNECT") {
        // What follows belongs to the tunnel; a length of 0 says no more than that.
        if (out.framing == Framing::chunked || out.length != 0)
            return Error::bad_request;
        out.framing = Framing::none;
    }
    return {};
}

void read_connection(const HeadFacts& facts, RequestHead& out) noexcept
{
    const bool http_1_1 = out.minor >= 1;
    out.keep_alive = !facts.close && (http_1_1 || facts.keep_alive || facts.proxy_keep_alive);
    const bool has_body = out.framing == Framing::chunked || out.length != 0;
    out.expect_continue = http_1_1 && has_body && facts.expect_continue;
    out.te_trailers = http_1_1 && facts.te_trailers;
    if (http_1_1 && facts.names_upgrade && out.method != "CONNECT" && may_upgrade(facts.upgrade))
        out.upgrade = facts.upgrade;
}

/// What can be said of a head whose end has not come: a start that is none is refused without waiting for more.
result<void> judge_incomplete(std::string_view in, const HeadLines& lines, RequestHead& out) noexcept
{
    if (lines.count() != 0)
        return read_request_line(lines[0], out);
    if (in.size() > max_request_line)
        return Error::target_too_long;
    if (!in.empty() && method_length(in) == 0)
        return Error::bad_request;
    return {};
}

} // namespace

result<std::size_t> parse_request(std::string_view in, RequestHead& out)
{
    reset(out);
    std::size_t before = 0; // RFC 9112, section 2.2: a client may send an empty line after a body
    while (before < 4 && in.substr(before).starts_with("\r\n"))
        before += 2;
    in.remove_prefix(before);
    if (in == "\r" && before < 4)
        return std::size_t{0};

    HeadLines lines;
    const auto size = lines.find(in, max_head - before, Error::bad_request);
    if (!size)
        return size.error();
    if (*size == 0) {
        if (const auto judged = judge_incomplete(in, lines, out); !judged)
            return judged.error();
        return std::size_t{0};
    }
    if (lines.count() == 0)
        return Error::bad_request;
    if (const auto line = read_request_line(lines[0], out); !line)
        return line.error();
    HeadFacts facts;
    if (!read_fields(lines, out.fields, facts))
        return Error::bad_request;
    if (const auto host = read_host(facts, out); !host)
        return host.error();
    if (const auto framing = read_framing(facts, out); !framing)
        return framing.error();
    read_connection(facts, out);
    return before + *size;
}

} // namespace paravent::wire::http1
