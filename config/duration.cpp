#include "config/settings.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace paravent::config {

namespace {

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units = {{
    {"s", 1'000},
    {"m", 60'000},
    {"min", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
}};
constexpr std::int64_t ten_years = 3'653LL * 86'400'000;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

} // namespace

std::optional<Duration> parse_duration(std::string_view text) noexcept
{
    std::size_t whole = 0;
    while (whole < text.size() && is_digit(text[whole]))
        ++whole;
    std::int64_t number = 0;
    // Twelve digits are more than ten years in any unit, and cannot overflow below.
    if (whole == 0 || whole > 12 || std::from_chars(text.data(), text.data() + whole, number).ec != std::errc{})
        return std::nullopt;

    std::string_view rest = text.substr(whole);
    std::int64_t thousandths = 0;
    if (rest.starts_with('.')) {
        std::size_t places = 0;
        rest.remove_prefix(1);
        for (; places < rest.size() && is_digit(rest[places]); ++places)
            thousandths = thousandths * 10 + (rest[places] - '0');
        if (places == 0 || places > 3)
            return std::nullopt;
        rest.remove_prefix(places);
        for (; places < 3; ++places)
            thousandths *= 10;
    }

    for (const auto& [unit, milliseconds] : units) {
        if (rest != unit)
            continue;
        if (number > ten_years / milliseconds)
            return std::nullopt;
        const std::int64_t total = number * milliseconds + thousandths * milliseconds / 1'000;
        if (total > ten_years)
            return std::nullopt;
        return Duration{total};
    }
    return std::nullopt;
}

} // namespace paravent::config
