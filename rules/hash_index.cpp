#include "rules/hash_index.hpp"

namespace paravent::rules {

HashIndex::HashIndex(const std::vector<Entry>& entries)
{
    if (entries.empty())
        return;
    buckets_ = static_cast<std::uint32_t>(entries.size() / 3 + 1);
    starts_.resize(buckets_ + 1);
    tags_.resize(entries.size());
    values_.resize(entries.size());
    for (const Entry& entry : entries)
        ++starts_[bucket_of(entry.hash) + 1];
    for (std::uint32_t i = 0; i < buckets_; ++i)
        starts_[i + 1] += starts_[i];
    for (const Entry& entry : entries) { // each start moves to where the next bucket begins
        const std::uint32_t at = starts_[bucket_of(entry.hash)]++;
        tags_[at] = static_cast<std::uint16_t>(entry.hash);
        values_[at] = entry.value;
    }
    for (std::uint32_t i = buckets_; i > 0; --i)
        starts_[i] = starts_[i - 1];
    starts_[0] = 0;
}

} // namespace paravent::rules
