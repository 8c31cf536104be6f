#include "rules/hash_index.hpp"

namespace paravent::rules {

HashIndex::HashIndex(const std::vector<Entry>& entries)
{
    if (entries.empty())
        return;
    bucket_count_ = static_cast<std::uint32_t>(entries.size() / 5 + 1);
    buckets_.resize(bucket_count_ + 1);
    tags_.resize(entries.size());
    values_.resize(entries.size());
    for (const Entry& entry : entries) {
        buckets_[bucket_of(entry.hash)].held |= bit_of(entry.hash);
        ++buckets_[bucket_of(entry.hash) + 1].begin;
    }
    for (std::uint32_t i = 0; i < bucket_count_; ++i)
        buckets_[i + 1].begin += buckets_[i].begin;
    for (const Entry& entry : entries) { // each begin moves to where the next bucket begins
        const std::uint32_t at = buckets_[bucket_of(entry.hash)].begin++;
        tags_[at] = static_cast<std::uint16_t>(entry.hash);
        values_[at] = entry.value;
    }
    for (std::uint32_t i = bucket_count_; i > 0; --i)
        buckets_[i].begin = buckets_[i - 1].begin;
    buckets_[0].begin = 0;
}

} // namespace paravent::rules
