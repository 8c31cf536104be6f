#pragma once

#include "proxy/dashboard/reply.hpp"
#include "proxy/policy/policy.hpp"
#include "proxy/statistics/query.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::dashboard {

/// Percent-decoding; `plus` turns "+" into a blank (queries). Nothing where a "%" is not followed by two hex digits.
std::optional<std::string> percent_decoded(std::string_view text, bool plus);

/// The parameters of a request, each at most once.
class Query {
public:
    /// `text` is what follows the "?". A parameter that is not among `known`, comes twice or is badly encoded is a
    /// problem.
    static result<Query> parse(std::string_view text, std::initializer_list<std::string_view> known);

    /// Empty where the parameter is missing or has no value.
    std::string_view operator[](std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept; ///< also without a value
    result<std::optional<std::int64_t>> time(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> values_;
};

/// The id of a device given by id, name or address; none is made. Text in the form of an id is taken as it is, since
/// events may be older than the device's record. Empty stays empty.
result<std::string> device_id(const policy::Policy& policy, std::string_view text);

/// The parameters device, site, product, verdict, from, to, q, limit, cursor.
result<statistics::EventQuery> event_query(const Query& query, const policy::Policy& policy);
/// The parameters from, to, by.
result<statistics::StatsQuery> stats_query(const Query& query);

} // namespace paravent::dashboard
