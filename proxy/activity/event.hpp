#pragma once

#include "rules/request.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::activity {

enum class Product : std::uint8_t {
    pixel,
    loader,
    conversions,
    app_events,
    audience_network,
    social_plugin,
    login,
    logging,
    other,
};
inline constexpr std::size_t product_count = 9;
std::string_view name_of(Product product) noexcept;
std::optional<Product> product_named(std::string_view name) noexcept;

class Mine;

struct Content {
    std::string id;
    std::optional<double> quantity, item_price;
};

/// One decoded message to Meta (interface.md, "An event"). Identifiers' values never stand here, only their kinds.
struct Event {
    std::int64_t id = 0;      ///< given by the Recorder
    std::int64_t time_ms = 0; ///< Unix time
    std::string device;       ///< id
    std::string address;
    std::string site; ///< registrable domain of the page or app; empty where unknown
    std::string page; ///< privacy "full" only
    std::string destination;
    Product product = Product::other;
    std::string account, name;
    bool automatic = false;
    std::optional<double> value;
    std::string currency;
    std::vector<Content> contents;                           ///< privacy "full" only
    std::vector<std::pair<std::string, std::string>> custom; ///< privacy "full" only
    std::vector<std::string> identifiers;
    std::vector<std::pair<std::string, std::string>> device_facts; ///< "advertiser_id" has the value "true"
    bool event_id = false;
    bool limited_data_use = false;
    rules::Action verdict = rules::Action::allow;
    std::string rule; ///< "meta/pixel-event"; empty where none decided
    bool seen_full = false;
    bool body_cut = false; ///< the body was longer, slower or coded in another way than it is read: there may be more
    std::vector<std::string> mine; ///< kinds of which a value was the owner's own ("em")
    std::uint64_t twin = 0; ///< the same for a pixel's event and its privacy_sandbox copy, but for the lowest bit; 0:
                            ///< there is no telling. Not kept
};

/// The request as far as it was seen. Views live as long as the call.
struct Seen {
    std::string_view method;
    std::string_view url;      ///< "https://host/" where only the host is known
    std::string_view host;     ///< normal form
    std::string_view page;     ///< URL of the page (Referer, else Origin), empty where unknown
    bool full = false;         ///< the whole URL is known
    std::string_view category; ///< of the rule that matched, empty where none did

    std::string_view body = {};         ///< inflated; empty where there is none or it was not captured
    std::string_view content_type = {}; ///< of the body, as sent
    bool body_cut = false;              ///< the body went on: a bound was reached, or its encoding is damaged
    std::string_view cookies = {};      ///< the field Cookie, for its names alone
    const Mine* mine = nullptr;         ///< what the owner wants to find again (mine.hpp); null: nothing
};

/// Whether the request tells Meta something: its host is Meta's or one of Meta's gateways, or it has the form of an
/// event that a shop's own host takes for Meta (meta-reference.md section 6).
bool concerns_meta(const Seen& seen) noexcept;

/// Whether a host (normal form) belongs to Meta: the dated list of Meta's domains in meta_domains.cpp.
bool is_meta(std::string_view host) noexcept;
/// That list: registrable domains, in no order.
std::span<const std::string_view> meta_domains() noexcept;

/// The page that a request to Meta names itself (the pixel's field `dl`), as it was sent; empty where it names none.
/// For requests that came without Referer and Origin.
std::string page_told(std::string_view url);

/// The events of one request to Meta: product, account, name, site, value, identifier kinds as far as URL and body show
/// them. Always at least one, at most max_events (facts.hpp); a body that cannot be read takes nothing away from what
/// the URL tells. Time, device, address, verdict and rule are left for the caller.
std::vector<Event> events_of(const Seen& seen);

/// What a request's events are counted under: all that is asked where no event is kept.
struct Glance {
    Product product = Product::other;
    std::string site;
};
/// Nothing where only `events_of` can tell: where a page reports its site in a field, where a request may be several
/// events.
std::optional<Glance> glance_at(const Seen& seen);

} // namespace paravent::activity
