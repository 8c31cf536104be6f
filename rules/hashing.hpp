#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace paravent::rules {

static_assert(std::endian::native == std::endian::little, "words are read as the bytes of a text in their order");

inline std::uint64_t load8(const char* p) noexcept
{
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    return word;
}

inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t word) noexcept
{
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 29;
}

/// Up to eight bytes as one number, without reading beyond them.
inline std::uint64_t load_some(const char* p, std::size_t n) noexcept
{
    if (n >= 4) {
        std::uint32_t low;
        std::uint32_t high;
        std::memcpy(&low, p, 4);
        std::memcpy(&high, p + n - 4, 4);
        return low | std::uint64_t{high} << 32;
    }
    if (n == 0)
        return 0;
    const auto at = [&](std::size_t i) { return std::uint64_t{static_cast<unsigned char>(p[i])}; };
    return at(0) | at(n / 2) << 8 | at(n - 1) << 16;
}

/// Calls `with(begin, hash)` for each domain that `host` is or lies below, from the last label on.
template <typename With>
void for_each_domain(std::string_view host, With with) noexcept
{
    std::uint64_t hash = 0x6b8f1e2d3c5a4971;
    std::size_t end = host.size();
    while (true) {
        const std::size_t dot = end == 0 ? std::string_view::npos : host.rfind('.', end - 1);
        const std::size_t begin = dot + 1; // npos + 1 is 0
        const char* p = host.data() + begin;
        std::size_t n = end - begin;
        hash = mixed(hash, n);
        for (; n > 8; n -= 8, p += 8)
            hash = mixed(hash, load8(p));
        hash = mixed(hash, load_some(p, n));
        with(begin, static_cast<std::uint32_t>(hash >> 32));
        if (begin == 0)
            return;
        end = dot;
    }
}

inline std::uint32_t hash_of_domain(std::string_view domain) noexcept
{
    std::uint32_t last = 0;
    for_each_domain(domain, [&](std::size_t, std::uint32_t hash) { last = hash; });
    return last;
}

/// A token's key: its first eight bytes (in lower case), the rest of the word zero.
inline std::uint32_t hash_of_token(std::uint64_t first_bytes) noexcept
{
    const std::uint64_t hash = first_bytes * 0x9e3779b97f4a7c15;
    return static_cast<std::uint32_t>((hash ^ hash >> 23) >> 32 ^ hash);
}

} // namespace paravent::rules
