#pragma once

#include <span>
#include <string_view>

namespace paravent::steering {

/// The networks that Meta's own system (AS32934) announces, in CIDR notation, put together where they lie side by side.
std::span<const std::string_view> meta_networks_v4() noexcept;
std::span<const std::string_view> meta_networks_v6() noexcept;
/// The month of the list: a network that came later is found by names only.
std::string_view meta_networks_date() noexcept;

} // namespace paravent::steering
