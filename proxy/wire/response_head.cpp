#include "proxy/wire/characters.hpp"
#include "proxy/wire/head_lines.hpp"
#include "proxy/wire/target.hpp"

#include <limits>

namespace paravent::wire::http1 {
namespace {

constexpr std::string_view version_start = "HTTP/1.";

void reset(ResponseHead& head)
{
    std::vector<Field> fields = std::move(head.fields);
    fields.clear();
    head = ResponseHead{};
    head.fields = std::move(fields);
}

/// "HTTP/1.1 200 OK"; the blank before an empty reason may be missing, as many origins have it.
bool read_status_line(std::string_view line, ResponseHead& out) noexcept
{
    constexpr std::size_t digits = version_start.size() + 2;
    if (line.size() < digits + 3 || !line.starts_with(version_start) || !is_digit(line[version_start.size()]) ||
        line[version_start.size() + 1] != ' ')
        return false;
    out.minor = line[version_start.size()] == '0' ? 0 : 1;
    for (const char c : line.substr(digits, 3)) {
        if (!is_digit(c))
            return false;
        out.status = out.status * 10 + static_cast<unsigned>(c - '0');
    }
    const std::string_view rest = line.substr(digits + 3);
    if (out.status < 100 || (!rest.empty() && rest.front() != ' '))
        return false;
    out.reason = rest.empty() ? rest : rest.substr(1);
    return is_text(out.reason);
}

bool has_no_body(unsigned status, std::string_view method) noexcept
{
    return status < 200 || status == 204 || status == 304 || method == "HEAD" || (method == "CONNECT" && status < 300);
}

/// RFC 9112, section 6.3; whatever leaves a doubt is refused.
bool read_framing(const HeadFacts& facts, std::string_view method, ResponseHead& out) noexcept
{
    if (facts.lengths + facts.codings > 1)
        return false;
    if (facts.codings == 1 && (out.minor == 0 || !equals_lower(facts.coding, "chunked")))
        return false;
    if (facts.lengths == 1) {
        const auto length = parse_decimal(facts.length, std::numeric_limits<std::int64_t>::max());
        if (!length)
            return false;
        out.length = *length;
        out.has_length = true;
    }
    if (out.status < 200 && out.status != 101 && (facts.codings != 0 || out.length != 0))
        return false;
    if (has_no_body(out.status, method))
        return true;
    out.framing = facts.codings == 1 ? Framing::chunked : facts.lengths == 1 ? Framing::length : Framing::until_close;
    return true;
}

/// 204 never has a body (RFC 9110, section 15.3.5), but an origin that announces one may well send it.
bool announces_what_cannot_be(const HeadFacts& facts, const ResponseHead& head) noexcept
{
    return head.status == 204 && (facts.codings != 0 || head.length != 0);
}

} // namespace

result<std::size_t> parse_response(std::string_view in, std::string_view method, ResponseHead& out)
{
    reset(out);
    HeadLines lines;
    const auto size = lines.find(in, max_head, Error::bad_response);
    if (!size)
        return Error::bad_response;
    if (*size == 0) {
        const bool may_be = lines.count() == 0 ? version_start.starts_with(in.substr(0, version_start.size()))
                                               : read_status_line(lines[0], out);
        if (!may_be)
            return Error::bad_response;
        return std::size_t{0};
    }
    HeadFacts facts;
    if (lines.count() == 0 || !read_status_line(lines[0], out) || !read_fields(lines, out.fields, facts) ||
        !read_framing(facts, method, out))
        return Error::bad_response;

    out.keep_alive = !facts.close && (out.minor >= 1 || facts.keep_alive) && out.framing != Framing::until_close &&
                     !announces_what_cannot_be(facts, out);
    if (out.status == 101 && facts.names_upgrade && may_upgrade(facts.upgrade))
        out.upgrade = facts.upgrade;
    return *size;
}

} // namespace paravent::wire::http1
