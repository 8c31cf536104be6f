#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/json_tree.hpp"

#include <string_view>
#include <vector>

// What the decoders share: how a fact gets into an event, and what never does.
namespace paravent::activity {

inline constexpr std::size_t max_events = 1000; ///< of one request; as many as Meta takes
inline constexpr std::size_t max_contents = 64;
inline constexpr std::size_t max_custom = 64;
inline constexpr std::size_t max_identifiers = 32;

/// The values of the identifiers that a request carries, while it is read: none of them may be kept under another name.
/// Views of the request's fields.
class Secrets {
public:
    /// @param mine what the owner wants to find again among them; null: nothing
    explicit Secrets(const Mine* mine) noexcept : mine_(mine) {}

    void add(std::string_view value);
    /// Whether one of them stands in the text.
    bool in(std::string_view text) const noexcept;
    /// Says so in the event where the value, sent under this name, is the owner's own.
    void compare(std::string_view name, std::string_view value, Event& event);

private:
    std::vector<std::string_view> values_;
    const Mine* mine_;
    unsigned compared_ = 0;
};

/// Counts the kind, once, where `value` says something: not empty, and not the hash of nothing or of "undefined".
void add_identifier(std::string_view kind, std::string_view value, Event& event);
/// The same, and it is a secret from here on, which may be the owner's own.
void add_identifier(std::string_view kind, std::string_view value, Event& event, Secrets& secrets);
/// The same for a value that may be a list of them.
void add_identifier(std::string_view kind, const JsonNode& value, Event& event, Secrets& secrets);

/// The event's own name, cleaned; left out where it is no name but somebody's address.
void set_name(std::string_view name, const Secrets& secrets, Event& event);

/// Site and page by the page's URL; the page is kept without query and fragment, where identifiers travel.
void set_page(std::string_view url, Event& event);

/// What a shop tells about the event: value, currency, contents, and its own words as custom data. What looks like an
/// identifier, whatever it is called, is not kept.
void add_custom(std::string_view key, std::string_view value, const Secrets& secrets, Event& event);
void add_custom(const JsonNode& member, const Secrets& secrets, Event& event);

/// A fact about the device; "advertiser_id" only tells that there was one (an id of zeros is none).
void add_fact(std::string_view key, std::string_view value, Event& event);
void add_advertiser_id(std::string_view id, Event& event);
/// extinfo: a list in a fixed order (meta-reference.md section 3), often cut short.
void add_extinfo(const JsonNode& list, Event& event);

/// Contents of a list of {id, quantity, item_price}, or of bare ids; a single one counts as a list of one.
std::vector<Content> contents_of(const JsonNode& list);
/// The same of a JSON text.
std::vector<Content> contents_of(std::string_view json);

} // namespace paravent::activity
