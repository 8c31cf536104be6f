#pragma once

#include <cstdint>
#include <string>

namespace paravent::policy {

/// Identifiers that look random and are never used twice: the n-th one is n, sent through a permutation that a key of
/// this home chooses. So only two numbers are kept, however many devices came and went. The first 65,536 have four
/// hexadecimal digits, the next 2^24 six, the rest eight; ids of different lengths cannot be equal.
class DeviceIds {
public:
    DeviceIds(); ///< a new home: a random key, nothing used
    DeviceIds(std::uint64_t key, std::uint64_t used) noexcept : key_(key), used_(used) {}

    std::string next();
    std::uint64_t key() const noexcept { return key_; }
    std::uint64_t used() const noexcept { return used_; }

    /// Leaves the four-digit ids alone: where it is not known which of them were used.
    void skip_short() noexcept;

private:
    std::uint64_t key_;
    std::uint64_t used_ = 0;
};

} // namespace paravent::policy
