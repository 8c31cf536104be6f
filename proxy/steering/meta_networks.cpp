#include "proxy/steering/meta_networks.hpp"

#include <array>

namespace paravent::steering {
namespace {

using namespace std::string_view_literals;

// What is announced today as a part of a block that was given to Meta stands here as the whole block: a little too much
// is harmless (every connection is carried on to the address it was for), too little would not be seen.
constexpr std::array v4{
    "31.13.24.0/21"sv,    "31.13.64.0/18"sv,   "45.64.40.0/22"sv,    "57.141.0.0/16"sv,   "57.144.0.0/14"sv,
    "66.220.144.0/20"sv,  "69.63.176.0/20"sv,  "69.171.224.0/19"sv,  "74.119.76.0/22"sv,  "102.132.96.0/19"sv,
    "102.221.188.0/22"sv, "103.4.96.0/22"sv,   "129.134.0.0/16"sv,   "157.240.0.0/16"sv,  "163.70.128.0/17"sv,
    "163.77.132.0/23"sv,  "163.77.136.0/23"sv, "163.114.128.0/20"sv, "173.252.64.0/18"sv, "179.60.192.0/22"sv,
    "185.60.216.0/22"sv,  "185.89.216.0/22"sv, "199.201.64.0/22"sv,  "204.15.20.0/22"sv,
};
constexpr std::array v6{
    "2620:0:1c00::/40"sv,
    "2620:10d:c090::/44"sv,
    "2a03:2880::/29"sv,
    "2c0f:ef78::/40"sv,
};

} // namespace

std::span<const std::string_view> meta_networks_v4() noexcept
{
    return v4;
}

std::span<const std::string_view> meta_networks_v6() noexcept
{
    return v6;
}

std::string_view meta_networks_date() noexcept
{
    return "2026-09";
}

} // namespace paravent::steering
