#include "proxy/net/known_names.hpp"

#include "proxy/net/deadlines.hpp"
#include "proxy/net/error.hpp"

#include <algorithm>

namespace paravent::net {
namespace {

constexpr std::size_t most_known = 8192;
constexpr std::int64_t shortest_ttl_ms = 1'000, longest_ttl_ms = 3'600'000;
constexpr std::int64_t stale_for_ms = 24 * 3'600'000;
constexpr std::int64_t stale_again_ms = 30'000;
constexpr std::int64_t failure_kept_ms = 2'000;

} // namespace

void KnownNames::configure(const std::string& hosts)
{
    const std::lock_guard lock(mutex_);
    own_hosts_ = HostsFile(hosts);
    known_.clear();
}

Found KnownNames::find(const std::string& name)
{
    const std::lock_guard lock(mutex_);
    const Addresses* listed = own_hosts_.find(name);
    if (!listed)
        listed = system_hosts_.find(name);
    if (listed)
        return std::make_shared<const Addresses>(*listed);
    if (name == "localhost" || name.ends_with(".localhost"))
        return std::make_shared<const Addresses>(
            Addresses{asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()});
    const auto found = known_.find(name);
    return found != known_.end() && coarse_now() < found->second.fresh_until ? found->second.addresses : nullptr;
}

std::optional<Answer> KnownNames::learned(const std::string& name)
{
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(name);
    if (found == known_.end() || coarse_now() >= found->second.fresh_until)
        return std::nullopt;
    if (!found->second.addresses)
        return Answer(Error::dns);
    return Answer(found->second.addresses);
}

bool KnownNames::has_stale(const std::string& name)
{
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(name);
    return found != known_.end() && found->second.addresses && coarse_now() < found->second.stale_until;
}

void KnownNames::learn(const std::string& name, Addresses addresses, std::chrono::seconds ttl)
{
    const std::lock_guard lock(mutex_);
    make_room();
    const auto now = coarse_now();
    const std::int64_t fresh = std::clamp(ttl.count() * std::int64_t{1000}, shortest_ttl_ms, longest_ttl_ms);
    known_[name] = {std::make_shared<const Addresses>(std::move(addresses)), now + fresh, now + fresh + stale_for_ms};
}

Answer KnownNames::learn_nothing(const std::string& name, Miss miss, error_code error)
{
    const std::lock_guard lock(mutex_);
    make_room();
    const auto now = coarse_now();
    auto& entry = known_[name];
    if (entry.addresses && now < entry.stale_until && miss != Miss::gone) {
        entry.fresh_until = now + stale_again_ms;
        return entry.addresses;
    }
    entry = {nullptr, miss == Miss::interrupted ? now : now + failure_kept_ms, 0};
    return error;
}

/// With the mutex held.
void KnownNames::make_room()
{
    const auto now = coarse_now();
    if (known_.size() >= most_known)
        std::erase_if(known_, [&](const auto& entry) { return entry.second.fresh_until <= now; });
    if (known_.size() >= most_known)
        known_.erase(known_.begin());
}

} // namespace paravent::net
