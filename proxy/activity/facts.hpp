#pragma once

#include "proxy/activity/contents.hpp"
#include "proxy/activity/event.hpp"
#include "proxy/activity/json_tree.hpp"
#include "proxy/activity/secrets.hpp"

#include <cstddef>
#include <string_view>

// What the decoders share: how a fact gets into an event, and what never does.
namespace paravent::activity {

inline constexpr std::size_t max_events = 1000; ///< of one request; as many as Meta takes
inline constexpr std::size_t max_custom = 64;
inline constexpr std::size_t max_identifiers = 32;

/// Counts the kind, once, where `value` says something (identifying.hpp, `is_nothing`).
void add_identifier(std::string_view kind, std::string_view value, Event& event);
/// The same, and it is a secret from here on, which may be the owner's own.
void add_identifier(std::string_view kind, std::string_view value, Event& event, Secrets& secrets);
/// The same for a value that may be a list of them.
void add_identifier(std::string_view kind, const JsonNode& value, Event& event, Secrets& secrets);

/// The event's own name, cleaned; left out where it is no name but somebody's address.
void set_name(std::string_view name, const Secrets& secrets, Event& event);

/// Site and page by the page's URL; the page is kept without query and fragment, where identifiers travel, and without
/// its path where that may tell who reads it.
void set_page(std::string_view url, Event& event);
/// The page was set before the request's identifiers were known: its path goes where it repeats one.
void guard_page(const Secrets& secrets, Event& event);

/// Three letters (ISO 4217); else nothing is known of the currency.
void set_currency(std::string_view text, Event& event);

/// What a shop tells about the event: value, currency, contents, and its own words as custom data. What looks like an
/// identifier, whatever it is called, is not kept.
void add_custom(std::string_view key, std::string_view value, const Secrets& secrets, Event& event);
void add_custom(const JsonNode& member, const Secrets& secrets, Event& event);

/// A fact about the device; "advertiser_id" only tells that there was one (an id of zeros is none).
void add_fact(std::string_view key, std::string_view value, Event& event);
void add_advertiser_id(std::string_view id, Event& event);
/// extinfo: a list in a fixed order (meta-reference.md section 3), often cut short.
void add_extinfo(const JsonNode& list, Event& event);

} // namespace paravent::activity
