#pragma once

#include "proxy/statistics/query.hpp"

#include <string>
#include <string_view>

namespace paravent::statistics {

/// What a query asks about, of an event in memory or of a row not yet made one.
struct Facts {
    std::int64_t time_ms = 0;
    std::string_view device, site, destination, name, rule;
    activity::Product product = activity::Product::other;
    rules::Action verdict = rules::Action::allow;
};
Facts facts_of(const activity::Event& event) noexcept;

/// What adding events up asks about beyond that.
struct Detail : Facts {
    std::string_view account, currency;
    std::optional<double> value;
    bool event_id = false;
    std::vector<std::string_view> identifiers;
};

/// interface.md's SITE, in lower case: the page's site where it is known, else the destination; host or domain.
bool site_matches(std::string_view site, std::string_view destination, std::string_view asked) noexcept;

/// Whether it is of that device and that site (in lower case); what is empty is not asked.
bool concerns(const Facts& facts, std::string_view device, std::string_view site) noexcept;

/// The label that an event is counted under.
inline std::string_view site_label(const activity::Event& event) noexcept
{
    return event.site.empty() ? std::string_view{event.destination} : std::string_view{event.site};
}

/// An EventQuery made ready; the cursor and the limit are the caller's.
class Matcher {
public:
    explicit Matcher(const EventQuery& query);
    bool matches(const Facts& facts) const noexcept;
    /// Whether an event of that time is so old that those before it can hardly match either: they stand in the order in
    /// which they happened, but a clock may have been wrong by a day, or have begun in 1970.
    bool is_past(std::int64_t time_ms) const noexcept;

private:
    EventQuery query_;
    std::string site_, text_;
};

} // namespace paravent::statistics
