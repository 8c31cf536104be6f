#pragma once

#include "proxy/policy/devices.hpp"
#include "proxy/policy/exceptions.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::policy {

using ListSwitches = std::map<std::string, bool, std::less<>>;
/// By name, in the order in which they were added.
using Subscriptions = std::vector<config::List>;
inline constexpr std::size_t most_subscriptions = 100;

/// What policy.json holds.
struct Kept {
    enum class Condition : std::uint8_t { good, partly, broken, newer } condition = Condition::good;
    /// What was wrong, as part of a sentence; `partly`: what is here is good, the rest was left out.
    std::string fault;
    std::optional<DeviceIds> ids;
    std::vector<Record> devices;
    std::vector<Exception> exceptions;
    std::uint64_t next_exception = 1;
    ListSwitches lists;
    Subscriptions subscriptions;
    Sites sites;
    HomeAnswers home;
};

/// The number of this format. Older ones will be read, newer ones are another program's.
inline constexpr std::int64_t state_format = 1;

/// Reads the text of policy.json, whatever bytes it is.
Kept parse_state(std::string_view text);

std::string state_text(const Devices& devices, const Exceptions& exceptions, const ListSwitches& lists,
                       const Subscriptions& subscriptions, const Sites& sites, const HomeAnswers& home);

} // namespace paravent::policy
