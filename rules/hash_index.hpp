#pragma once

#include <cstdint>
#include <vector>

namespace paravent::rules {

/// Hashes -> numbers, built once. Entries lie side by side in buckets of about three without a gap, with 16 bits of
/// their hash apart, so that a search for what is not there touches two lines of memory and nothing of the rules.
class HashIndex {
public:
    struct Entry {
        std::uint32_t hash;
        std::uint32_t value;
    };

    HashIndex() = default;
    explicit HashIndex(const std::vector<Entry>& entries);

    /// Calls `with(value)` for each entry that probably has this hash, in the order they were given.
    template <typename With>
    void find(std::uint32_t hash, With with) const
    {
        if (values_.empty())
            return;
        const std::uint32_t bucket = bucket_of(hash);
        const auto tag = static_cast<std::uint16_t>(hash);
        for (std::uint32_t i = starts_[bucket], end = starts_[bucket + 1]; i != end; ++i)
            if (tags_[i] == tag)
                with(values_[i]);
    }
    bool empty() const noexcept { return values_.empty(); }
    /// Says that this hash will be searched for: of several, the waits for memory then overlap.
    void announce(std::uint32_t hash) const noexcept
    {
        if (!values_.empty())
            __builtin_prefetch(&starts_[bucket_of(hash)]);
    }

private:
    std::uint32_t bucket_of(std::uint32_t hash) const noexcept
    {
        return static_cast<std::uint32_t>(std::uint64_t{hash} * buckets_ >> 32);
    }

    std::uint32_t buckets_ = 0;
    std::vector<std::uint32_t> starts_;
    std::vector<std::uint16_t> tags_;
    std::vector<std::uint32_t> values_;
};

} // namespace paravent::rules
