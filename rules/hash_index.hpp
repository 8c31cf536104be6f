#pragma once

#include <cstdint>
#include <vector>

namespace paravent::rules {

/// Hashes -> numbers, built once. Entries lie side by side in buckets of about five without a gap, with 16 bits of
/// their hash apart. Beside a bucket's place stand 32 bits that say which hashes it may hold: of searches for what is
/// not there, five in six touch one line of memory, however many entries there are.
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
        const Bucket* const bucket = &buckets_[bucket_of(hash)];
        if ((bucket->held & bit_of(hash)) == 0)
            return;
        const auto tag = static_cast<std::uint16_t>(hash);
        for (std::uint32_t i = bucket->begin, end = bucket[1].begin; i != end; ++i)
            if (tags_[i] == tag)
                with(values_[i]);
    }
    bool empty() const noexcept { return values_.empty(); }
    /// Says that this hash will be searched for: of several, the waits for memory then overlap.
    void announce(std::uint32_t hash) const noexcept
    {
        if (!values_.empty())
            __builtin_prefetch(&buckets_[bucket_of(hash)]);
    }

private:
    struct Bucket {
        std::uint32_t begin = 0;
        std::uint32_t held = 0;
    };

    /// The high bits of a hash choose its bucket, the low ones are compared; these lie between.
    static std::uint32_t bit_of(std::uint32_t hash) noexcept { return std::uint32_t{1} << (hash >> 8 & 31); }
    std::uint32_t bucket_of(std::uint32_t hash) const noexcept
    {
        return static_cast<std::uint32_t>(std::uint64_t{hash} * bucket_count_ >> 32);
    }

    std::uint32_t bucket_count_ = 0;
    std::vector<Bucket> buckets_; // one more than there are: it ends the last
    std::vector<std::uint16_t> tags_;
    std::vector<std::uint32_t> values_;
};

} // namespace paravent::rules
