#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace paravent::rules {

/// What is done with a request. `allow` in a ruling means: rules of that category are not asked.
enum class Action : std::uint8_t { allow, log, block, answer };

/// The categories of Paravent's own lists; every other word in `[[list]] category` is `other`.
enum class Category : std::uint8_t {
    pixel_event,
    pixel_loader,
    conversions,
    app_events,
    audience_network,
    social_plugin,
    meta_logging,
    login,
    meta_ai,
    other,
};
inline constexpr std::size_t category_count = 10;

/// "pixel-event" … "meta-ai", "other"; and back (any unknown word is `other`).
std::string_view name_of(Category category) noexcept;
Category category_named(std::string_view name) noexcept;
/// "allow", "log", "block", "answer".
std::string_view name_of(Action action) noexcept;

/// The resource types of filter lists (a browser's Sec-Fetch-Dest in their words).
enum class Type : std::uint8_t {
    other,
    document,
    subdocument,
    stylesheet,
    script,
    image,
    font,
    media,
    object,
    xmlhttprequest,
    ping,
    websocket,
};
/// "script", "xmlhttprequest" …; and back (`other` where unknown). `type_named` also takes xhr, fetch, beacon, frame.
std::string_view name_of(Type type) noexcept;
Type type_named(std::string_view name) noexcept;

/// What a profile does with a match, category by category (design.md, "What a profile does").
struct Rulings {
    /// For rules about a request that is seen whole (plain http, or intercepted), and for host-wide rules.
    std::array<Action, category_count> ruling{};
    /// For rules with the option `not-intercepted`: they stand for a whole host because nobody looked inside.
    std::array<Action, category_count> when_not_intercepted{};

    static Rulings all(Action action) noexcept;
};

/// One request as the rules see it. All views live as long as the call.
struct Request {
    /// scheme://host[:port]/path?query as the client sent it, without userinfo and fragment, at most 64 KiB.
    /// Where only the host is known: "https://host/".
    std::string_view url;
    /// The host of `url`: lower case, A-labels, no trailing dot, IPv6 without brackets.
    std::string_view host;
    /// The host of the page or app that caused the request, in the same form; empty where unknown.
    std::string_view page_host;
    Type type = Type::other;
    std::string_view method = "GET";
    /// Only the host is known (a tunnel): rules that need more do not match, but may make `needs_inside` true.
    bool host_only = false;
    /// The request came out of an intercepted connection: rules marked `not-intercepted` do not apply.
    bool intercepted = false;
    /// Must not be null.
    const Rulings* rulings = nullptr;
};

} // namespace paravent::rules
