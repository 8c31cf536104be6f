#include "config/settings.hpp"

#include <array>

namespace paravent::config {

namespace {

constexpr std::array<std::string_view, 4> profiles = {"off", "log", "standard", "strict"};
constexpr std::array<std::string_view, 3> privacies = {"counters", "events", "full"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) noexcept
{
    for (std::size_t i = 0; i < N; ++i)
        if (names[i] == name)
            return static_cast<Enum>(i);
    return std::nullopt;
}

} // namespace

std::string_view name_of(Profile profile) noexcept
{
    return profiles[static_cast<std::size_t>(profile)];
}

std::string_view name_of(Privacy privacy) noexcept
{
    return privacies[static_cast<std::size_t>(privacy)];
}

std::optional<Profile> profile_named(std::string_view name) noexcept
{
    return named<Profile>(profiles, name);
}

std::optional<Privacy> privacy_named(std::string_view name) noexcept
{
    return named<Privacy>(privacies, name);
}

} // namespace paravent::config
