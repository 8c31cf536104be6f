#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace paravent::tls {

/// A map from texts with a bound: what was not used for longest makes room. Its user locks it.
template <class Value>
class LeastRecent {
public:
    explicit LeastRecent(std::size_t most) : most_(most) {}

    /// Null where there is none; else it counts as used now.
    Value* find(const std::string& key)
    {
        const auto found = index_.find(key);
        if (found == index_.end())
            return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->second;
    }
    Value& put(const std::string& key, Value value)
    {
        if (auto* old = find(key))
            return *old = std::move(value);
        if (order_.size() >= most_) {
            index_.erase(order_.back().first);
            order_.pop_back();
        }
        order_.emplace_front(key, std::move(value));
        index_.emplace(key, order_.begin());
        return order_.front().second;
    }
    void erase(const std::string& key)
    {
        if (const auto found = index_.find(key); found != index_.end()) {
            order_.erase(found->second);
            index_.erase(found);
        }
    }
    template <class Condition>
    void erase_if(Condition condition)
    {
        for (auto entry = order_.begin(); entry != order_.end();)
            if (condition(entry->first, entry->second)) {
                index_.erase(entry->first);
                entry = order_.erase(entry);
            } else {
                ++entry;
            }
    }
    std::size_t size() const noexcept { return order_.size(); }

private:
    using Order = std::list<std::pair<std::string, Value>>; // the latest used first
    std::size_t most_;
    Order order_;
    std::unordered_map<std::string, typename Order::iterator> index_;
};

/// Several texts as one key: no host, device or fingerprint has a line end in it.
template <class... Parts>
std::string key_of(const Parts&... parts)
{
    std::string key;
    ((key.append(parts) += '\n'), ...);
    return key;
}

} // namespace paravent::tls
