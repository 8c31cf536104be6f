#include "proxy/policy/device_ids.hpp"

#include <cstdio>
#include <random>

namespace paravent::policy {
namespace {

constexpr std::uint64_t short_ids = std::uint64_t{1} << 16;
constexpr std::uint64_t middle_ids = std::uint64_t{1} << 24;

/// Any mixing will do here: a Feistel network is a permutation whatever its round function is (SplitMix64's finish).
std::uint64_t mix(std::uint64_t x) noexcept
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

/// A permutation of the numbers of 2 * half_bits bits.
std::uint64_t permute(std::uint64_t number, unsigned half_bits, std::uint64_t key) noexcept
{
    const std::uint64_t mask = (std::uint64_t{1} << half_bits) - 1;
    std::uint64_t left = number >> half_bits, right = number & mask;
    for (std::uint64_t round = 0; round < 6; ++round) {
        const std::uint64_t next = left ^ (mix(key ^ mix(right ^ (round << 48U))) & mask);
        left = right;
        right = next;
    }
    return (left << half_bits) | right;
}

std::uint64_t random_key()
{
    std::random_device source;
    return (std::uint64_t{source()} << 32U) | source();
}

} // namespace

DeviceIds::DeviceIds() : key_(random_key()) {}

std::string DeviceIds::next()
{
    std::uint64_t n = used_++;
    unsigned digits = 4;
    if (n >= short_ids) {
        n -= short_ids;
        digits = 6;
        if (n >= middle_ids) {
            n -= middle_ids;
            digits = 8;
        }
    }
    char text[17];
    const int length = std::snprintf(text, sizeof text, "%0*llx", static_cast<int>(digits),
                                     static_cast<unsigned long long>(permute(n, digits * 2, key_)));
    return {text, static_cast<std::size_t>(length)};
}

void DeviceIds::skip_short() noexcept
{
    if (used_ < short_ids)
        used_ = short_ids;
}

} // namespace paravent::policy
