#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace paravent::lists {

inline constexpr std::chrono::seconds usual_interval = std::chrono::hours{24};
inline constexpr std::chrono::seconds shortest_interval = std::chrono::hours{6};
inline constexpr std::chrono::seconds longest_interval = std::chrono::days{14};
inline constexpr std::chrono::seconds first_retry = std::chrono::minutes{5};
inline constexpr std::chrono::seconds longest_retry = std::chrono::hours{6};

/// What a subscription's next time depends on. Times are milliseconds of the system's clock.
struct Attempts {
    std::int64_t checked_ms = 0;                      ///< last success; 0: none
    std::int64_t tried_ms = 0;                        ///< last attempt
    unsigned failures = 0;                            ///< since then
    std::optional<std::chrono::seconds> expires = {}; ///< what the list says
    /// From 0 to below 1: moves the time by up to a tenth, so that not all homes ask at once.
    double jitter = 0.5;
};

/// When the list is to be asked for; a time that has passed: at once.
std::int64_t due_ms(const Attempts& attempts, std::int64_t now_ms);

} // namespace paravent::lists
