#include "proxy/dashboard/time.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>

namespace paravent::dashboard {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t latest_ms = 253'402'300'799'999; // 9999-12-31T23:59:59.999Z

/// Takes exactly `count` digits off the front.
std::optional<int> digits(std::string_view& text, std::size_t count) noexcept
{
    int value = 0;
    if (text.size() < count)
        return {};
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return {};
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) noexcept
{
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

/// ".120" -> 120; finer digits are cut off. Nothing where no digit follows the point.
std::optional<int> fraction_ms(std::string_view& text) noexcept
{
    if (!take(text, "."))
        return 0;
    int value = 0;
    std::size_t count = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++count)
        if (count < 3)
            value = value * 10 + (text.front() - '0');
    for (std::size_t i = count; i < 3; ++i)
        value *= 10;
    return count > 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> offset_minutes(std::string_view& text) noexcept
{
    if (take(text, "Zz"))
        return 0;
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, "+-"))
        return {};
    const auto hours = digits(text, 2);
    if (!hours || !take(text, ":"))
        return {};
    const auto minutes = digits(text, 2);
    if (!minutes || *hours > 23 || *minutes > 59)
        return {};
    return (west ? -1 : 1) * (*hours * 60 + *minutes);
}

std::optional<std::int64_t> parse_date_time(std::string_view text) noexcept
{
    const auto year = digits(text, 4);
    if (!year || !take(text, "-"))
        return {};
    const auto month = digits(text, 2);
    if (!month || !take(text, "-"))
        return {};
    const auto day = digits(text, 2);
    if (!day || !take(text, "Tt "))
        return {};
    const auto hour = digits(text, 2);
    if (!hour || !take(text, ":"))
        return {};
    const auto minute = digits(text, 2);
    if (!minute || !take(text, ":"))
        return {};
    const auto second = digits(text, 2);
    const auto ms = second ? fraction_ms(text) : std::nullopt;
    const auto offset = ms ? offset_minutes(text) : std::nullopt;
    const chrono::year_month_day date{chrono::year{*year}, chrono::month{static_cast<unsigned>(*month)},
                                      chrono::day{static_cast<unsigned>(*day)}};
    // A leap second (60) is read as the second after it.
    if (!offset || !text.empty() || !date.ok() || *hour > 23 || *minute > 59 || *second > 60)
        return {};
    const auto days = chrono::sys_days{date}.time_since_epoch();
    const auto time = chrono::duration_cast<chrono::milliseconds>(days) + chrono::hours{*hour} +
                      chrono::minutes{*minute - *offset} + chrono::seconds{*second} + chrono::milliseconds{*ms};
    return time.count();
}

std::optional<std::int64_t> parse_unix(std::string_view text) noexcept
{
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc{} || text.front() == '-' || seconds > latest_ms / 1000)
        return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto ms = fraction_ms(text);
    return ms && text.empty() ? std::optional(seconds * 1000 + *ms) : std::nullopt;
}

} // namespace

std::string rfc3339(std::int64_t unix_ms)
{
    const chrono::sys_time<chrono::milliseconds> time{chrono::milliseconds{unix_ms}};
    const auto days = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date{days};
    const chrono::hh_mm_ss clock{time - days};
    char text[64];
    const int size =
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return {text, static_cast<std::size_t>(size)};
}

std::optional<std::int64_t> parse_time(std::string_view text) noexcept
{
    if (text.empty())
        return {};
    const auto time = text.find('-', 1) != std::string_view::npos ? parse_date_time(text) : parse_unix(text);
    return time && *time >= 0 && *time <= latest_ms ? time : std::nullopt;
}

std::int64_t now_ms() noexcept
{
    return chrono::duration_cast<chrono::milliseconds>(chrono::system_clock::now().time_since_epoch()).count();
}

} // namespace paravent::dashboard
