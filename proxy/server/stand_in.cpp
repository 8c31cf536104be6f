#include "proxy/server/stand_in.hpp"

namespace paravent::server {
namespace {

using rules::Type;

/// A transparent picture of 1x1 (GIF89a), since pages wait for one that has a size.
constexpr std::string_view empty_gif{
    "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00"
    "\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
    "D\x01\x00;",
    43};

constexpr StandIn nod{200, "application/json", R"({"success":true})", R"({"success":true})",
                      R"(with {"success":true}, so that the app does not try again)"};
constexpr StandIn received{200,
                           "application/json",
                           {},
                           R"({"events_received":N})",
                           "with Meta's own words, so that the server does not try again"};
constexpr StandIn nothing{204, {}, {}, "204", "with 204 No Content"};
constexpr StandIn script{200, "application/javascript; charset=utf-8", {}, "empty script", "with an empty script"};
constexpr StandIn style_sheet{200, "text/css", {}, "empty style sheet", "with an empty style sheet"};
constexpr StandIn picture{200, "image/gif", empty_gif, "1x1 GIF", "with an empty picture (1x1 GIF)"};
constexpr StandIn page{200, "text/html; charset=utf-8", {}, "empty page", "with an empty page"};
constexpr StandIn text{200, "text/plain", {}, "empty text", "with an empty text"};
constexpr StandIn request_refused{403, "text/plain; charset=utf-8", {}, "403", "with 403 and the rule's name"};
constexpr StandIn tunnel_refused{
    403, "text/plain; charset=utf-8", {}, "403 to CONNECT", "the connection is refused before any byte of TLS"};

} // namespace

const StandIn& stand_in(rules::Category category, Type type, std::string_view method) noexcept
{
    if (method == "OPTIONS")
        return nothing;
    if (category == rules::Category::app_events)
        return nod; // anything else and the app tries for ever
    switch (type) {
    case Type::script:
        return script;
    case Type::image:
        return picture;
    case Type::stylesheet:
        return style_sheet;
    case Type::document:
    case Type::subdocument:
        return page;
    case Type::ping:
        return nothing;
    default:
        break;
    }
    if (category == rules::Category::pixel_loader)
        return script;
    // A GET for the pixel is an image whatever its type says; a POST comes from a beacon or fetch.
    return method == "GET" || method == "HEAD" ? picture : text;
}

std::string body_of(const StandIn& given, std::size_t events)
{
    if (&given != &received)
        return std::string(given.body);
    return "{\"events_received\":" + std::to_string(events) + R"(,"messages":[],"fbtrace_id":"Paravent"})";
}

const StandIn& blocked_request(rules::Category category, std::string_view url) noexcept
{
    const bool by_server = category == rules::Category::conversions && url.starts_with("https://graph.facebook.com/");
    return by_server ? received : request_refused;
}

const StandIn& blocked_tunnel() noexcept
{
    return tunnel_refused;
}

} // namespace paravent::server
