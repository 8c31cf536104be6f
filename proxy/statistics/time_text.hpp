#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace paravent::statistics {

/// A moment in UTC, taken apart.
struct Moment {
    int year;
    unsigned month, day;
    int hour, minute, second;
};
inline Moment moment_of(std::int64_t time_ms) noexcept
{
    using namespace std::chrono;
    const sys_time<milliseconds> time{milliseconds{time_ms}};
    const auto midnight = floor<days>(time);
    const year_month_day date{midnight};
    const hh_mm_ss clock{floor<seconds>(time - midnight)};
    return {int{date.year()},
            unsigned{date.month()},
            unsigned{date.day()},
            static_cast<int>(clock.hours().count()),
            static_cast<int>(clock.minutes().count()),
            static_cast<int>(clock.seconds().count())};
}

/// "2026-11-24"
inline std::string day_text(std::int64_t time_ms)
{
    const auto m = moment_of(time_ms);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", m.year, m.month, m.day);
    return text.data();
}

/// "2026-11-24T09:00:00Z"
inline std::string hour_text(std::int64_t time_ms)
{
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "T%02d:00:00Z", moment_of(time_ms).hour);
    return day_text(time_ms) + text.data();
}

/// "20261124T091244"
inline std::string compact_time(std::int64_t time_ms)
{
    const auto m = moment_of(time_ms);
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02d", m.year, m.month, m.day, m.hour, m.minute,
                  m.second);
    return text.data();
}

} // namespace paravent::statistics
