#include "proxy/tls/trust.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace paravent::tls {
namespace {

constexpr std::size_t most_devices = 4096;  // as many as the policy keeps
constexpr std::size_t most_authorities = 4; // two at a time, and what was removed while nobody looked
constexpr std::size_t longest_name = 64;

template <class Proofs>
auto latest(const Proofs& proofs) noexcept
{
    return std::max_element(proofs.begin(), proofs.end(),
                            [](const auto& a, const auto& b) { return a.second.at_ms < b.second.at_ms; })
        ->second.at_ms;
}

} // namespace

TrustMemory::TrustMemory(std::string_view text)
{
    boost::system::error_code error;
    const auto document = boost::json::parse(text, error);
    const auto* object = error ? nullptr : document.if_object();
    const auto* entries = object != nullptr ? object->if_contains("trust") : nullptr;
    if (entries == nullptr || !entries->is_array())
        return;
    for (const auto& entry : entries->as_array()) {
        const auto* fields = entry.if_object();
        const auto* device = fields != nullptr ? fields->if_contains("device") : nullptr;
        const auto* authority = fields != nullptr ? fields->if_contains("authority") : nullptr;
        const auto* trusts = fields != nullptr ? fields->if_contains("trusts") : nullptr;
        const auto* at = fields != nullptr ? fields->if_contains("at") : nullptr;
        if (device != nullptr && device->is_string() && device->as_string().size() <= longest_name &&
            authority != nullptr && authority->is_string() && authority->as_string().size() <= longest_name &&
            trusts != nullptr && trusts->is_bool() && at != nullptr && at->is_int64())
            note(device->as_string(), authority->as_string(), {trusts->as_bool(), at->as_int64()});
    }
    version_ = 0;
}

std::string TrustMemory::text() const
{
    const std::lock_guard lock(mutex_);
    boost::json::array entries;
    for (const auto& [device, proofs] : devices_)
        for (const auto& [authority, proof] : proofs)
            entries.push_back(
                {{"device", device}, {"authority", authority}, {"trusts", proof.trusts}, {"at", proof.at_ms}});
    return boost::json::serialize(boost::json::object{{"format", 1}, {"trust", entries}}) + "\n";
}

std::uint64_t TrustMemory::version() const
{
    const std::lock_guard lock(mutex_);
    return version_;
}

void TrustMemory::proved(std::string_view device, std::string_view authority, Millis now)
{
    const std::lock_guard lock(mutex_);
    note(device, authority, {true, now});
}

void TrustMemory::refused(std::string_view device, std::string_view authority, Millis now)
{
    const std::lock_guard lock(mutex_);
    note(device, authority, {false, now});
}

void TrustMemory::note(std::string_view device, std::string_view authority, Proof proof)
{
    auto found = devices_.find(device);
    if (found == devices_.end()) {
        make_room();
        found = devices_.emplace(device, Proofs{}).first;
    }
    auto& proofs = found->second;
    auto known = proofs.find(authority);
    if (known != proofs.end() && known->second.trusts == proof.trusts) {
        known->second.at_ms = proof.at_ms; // the same again: not worth a write
        return;
    }
    if (known == proofs.end() && proofs.size() >= most_authorities)
        proofs.erase(std::min_element(proofs.begin(), proofs.end(),
                                      [](const auto& a, const auto& b) { return a.second.at_ms < b.second.at_ms; }));
    proofs.insert_or_assign(std::string(authority), proof);
    ++version_;
}

void TrustMemory::make_room()
{
    if (devices_.size() >= most_devices)
        devices_.erase(std::min_element(devices_.begin(), devices_.end(), [](const auto& a, const auto& b) {
            return latest(a.second) < latest(b.second);
        }));
}

TrustMemory::Choice TrustMemory::choose(std::string_view device, const AuthorityList& newest_first, Millis now) const
{
    const std::lock_guard lock(mutex_);
    const auto found = devices_.find(device);
    Choice choice, not_valid;
    for (const auto& authority : newest_first) {
        const auto proof = found != devices_.end() ? found->second.find(authority->id()) : Proofs::const_iterator{};
        if (found == devices_.end() || proof == found->second.end())
            choice.authority = authority;
        else if (proof->second.trusts && authority->is_valid(now / 1000))
            return {authority, true};
        else if (proof->second.trusts)
            not_valid = {authority, true};
    }
    return not_valid.proved ? not_valid : choice;
}

std::shared_ptr<const Authority> TrustMemory::probe(std::string_view device, const AuthorityList& newest_first,
                                                    Millis now) const
{
    constexpr Millis lately = 10 * 60 * 1000; // time enough to open a page once more, and to install a certificate
    std::shared_ptr<const Authority> oldest;
    {
        const std::lock_guard lock(mutex_);
        const auto found = devices_.find(device);
        for (const auto& authority : newest_first) {
            if (!authority->is_valid(now / 1000))
                continue;
            oldest = authority;
            const auto proof = found != devices_.end() ? found->second.find(authority->id()) : Proofs::const_iterator{};
            const bool unknown = found == devices_.end() || proof == found->second.end();
            if (unknown || proof->second.trusts || now - proof->second.at_ms >= lately || now < proof->second.at_ms)
                return authority;
        }
    }
    return oldest;
}

void TrustMemory::forget_device(std::string_view device)
{
    const std::lock_guard lock(mutex_);
    version_ +=
        std::erase_if(devices_, [device](const auto& entry) { return device.empty() || entry.first == device; }) > 0
            ? 1
            : 0;
}

void TrustMemory::forget_authority(std::string_view authority)
{
    const std::lock_guard lock(mutex_);
    for (auto& [device, proofs] : devices_)
        version_ += std::erase_if(proofs, [authority](const auto& entry) { return entry.first == authority; });
    std::erase_if(devices_, [](const auto& entry) { return entry.second.empty(); });
}

} // namespace paravent::tls
