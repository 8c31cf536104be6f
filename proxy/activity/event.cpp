#include "proxy/activity/event.hpp"

#include <array>

namespace paravent::activity {
namespace {

constexpr std::array<std::string_view, product_count> names = {
    "pixel", "loader", "conversions", "app_events", "audience_network", "social_plugin", "login", "logging", "other",
};

} // namespace

std::string_view name_of(Product product) noexcept
{
    const auto index = static_cast<std::size_t>(product);
    return index < names.size() ? names[index] : names.back();
}

std::optional<Product> product_named(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name)
            return static_cast<Product>(i);
    return std::nullopt;
}

} // namespace paravent::activity
