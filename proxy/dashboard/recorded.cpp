#include "proxy/dashboard/recorded.hpp"

#include "proxy/activity/event.hpp"
#include "proxy/activity/product.hpp"
#include "proxy/activity/text.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/wire/content_coding.hpp"
#include "proxy/wire/http1.hpp"
#include "rules/parsed_url.hpp"

#include <boost/json.hpp>

#include <array>
#include <utility>

namespace paravent::dashboard {
namespace {

/// -1: no letter of base64.
int base64_digit(char c) noexcept
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool has_scheme(std::string_view url, std::string_view scheme) noexcept
{
    return url.size() > scheme.size() + 3 && wire::http1::equals_ignore_case(url.substr(0, scheme.size()), scheme) &&
           url.substr(scheme.size(), 3) == "://";
}

bool is_of_the_web(std::string_view url) noexcept
{
    return has_scheme(url, "https") || has_scheme(url, "http");
}

/// A frame's own request repeats its address as the page, which tells nothing; nor does "about:srcdoc".
std::string_view page_of(const RecordedRequest& request) noexcept
{
    for (const auto* page : {&request.page, &request.referer, &request.origin})
        if (is_of_the_web(*page) && *page != request.url)
            return *page;
    return {};
}

} // namespace

void RecordedRequest::take_field(std::string_view name, std::string_view value)
{
    const std::array<std::pair<std::string_view, std::string*>, 5> wanted = {{{"referer", &referer},
                                                                              {"origin", &origin},
                                                                              {"cookie", &cookies},
                                                                              {"content-type", &content_type},
                                                                              {"content-encoding", &content_encoding}}};
    for (const auto& [field, to] : wanted)
        if (wire::http1::equals_ignore_case(name, field))
            to->append(to->empty() ? "" : field == "cookie" ? "; " : ", ").append(value);
}

bool decode_base64(std::string_view text, std::string& out)
{
    out.clear();
    out.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    bool ended = false;
    for (const char c : text) {
        if (c == '\r' || c == '\n' || c == ' ')
            continue;
        if (c == '=') {
            ended = true;
            continue;
        }
        const int digit = base64_digit(c);
        if (digit < 0 || ended)
            return false;
        bits = (bits << 6) | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>((bits >> count) & 0xFF);
        }
    }
    return count < 6; // a letter alone is half a byte
}

boost::json::array decoded(const RecordedRequest& request)
{
    const rules::ParsedUrl url(request.url);
    if (url.host().empty() || !is_of_the_web(request.url))
        return {};
    activity::Seen seen{.method = request.method,
                        .url = url.text(),
                        .host = url.host(),
                        .page = page_of(request),
                        .full = true,
                        .category = {}};
    if (!activity::concerns_meta(seen) || activity::is_preflight(seen)) // the request itself follows
        return {};
    wire::Inflated inflated;
    seen.body = request.body;
    seen.content_type = request.content_type;
    seen.cookies = request.cookies;
    if (!request.body.empty()) {
        using Ending = wire::Inflated::Ending;
        inflated = wire::inflate(request.content_encoding, request.body);
        // Developer tools often write down what was before it was packed.
        const bool read =
            !inflated.bytes.empty() || (inflated.ending != Ending::damaged && inflated.ending != Ending::unknown);
        if (read || !activity::is_text(request.body)) {
            seen.body = inflated.bytes;
            seen.body_cut = inflated.ending != Ending::whole;
        }
    }
    boost::json::array out;
    for (auto& event : activity::events_of(seen)) {
        event.time_ms = request.time_ms;
        event.seen_full = true;
        boost::json::object line{{"request", request.number}};
        for (auto& [key, value] : shape(event))
            if (key != "id" && key != "verdict" && (key != "time" || request.time_ms != 0))
                line[key] = value;
        out.push_back(std::move(line));
    }
    return out;
}

std::string decoded_lines(const RecordedRequest& request)
{
    std::string lines;
    for (const auto& line : decoded(request))
        lines.append(text_of(line)).append("\n");
    return lines;
}

} // namespace paravent::dashboard
