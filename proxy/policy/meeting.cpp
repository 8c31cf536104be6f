// Who is there: what the network shows of devices, without a word of the owner.
#include "proxy/policy/address.hpp"
#include "proxy/policy/state.hpp"

#include <algorithm>

namespace paravent::policy {

std::shared_ptr<const Client> Policy::meet(std::string_view address)
{
    const std::string key = normal_address(address).value_or(std::string(address.substr(0, 64)));
    const std::string mac = is_loopback(key) ? std::string{} : state_->neighbours->mac_of(key);

    const std::lock_guard lock(state_->mutex);
    if (const Record* known = state_->devices.with_live_address(key); // another worker was faster
        known != nullptr && known->client && (mac.empty() || known->mac == mac))
        return known->client;
    Record& record = state_->devices.settle(key, mac);
    record.last_seen_ms = std::max(record.last_seen_ms, now_ms());
    if (record.this_computer && record.name.empty())
        state_->devices.settle_names();
    state_->rebuild();
    state_->save_soon();
    return record.client;
}

void Policy::seen(std::string_view device, std::int64_t now)
{
    const std::lock_guard lock(state_->mutex);
    if (Record* record = state_->devices.with_id(device))
        record->last_seen_ms = std::max(record->last_seen_ms, now);
    state_->stir();
}

void Policy::look_again()
{
    std::vector<std::string> addresses;
    {
        const std::lock_guard lock(state_->mutex);
        for (const Record& record : state_->devices.all())
            if (!record.this_computer)
                addresses.insert(addresses.end(), record.live.begin(), record.live.end());
    }
    std::vector<std::pair<std::string, std::string>> answers;
    for (const std::string& address : addresses)
        if (std::string mac = state_->neighbours->mac_of(address); !mac.empty())
            answers.emplace_back(address, std::move(mac));

    const std::lock_guard lock(state_->mutex);
    bool moved = false;
    for (const auto& [address, mac] : answers) {
        const Record* record = state_->devices.with_live_address(address);
        if (record == nullptr || record->mac == mac)
            continue;
        const std::string before = record->id + record->mac;
        const std::int64_t seen = record->last_seen_ms;
        Record& now = state_->devices.settle(address, mac);
        now.last_seen_ms = std::max(now.last_seen_ms, seen);
        moved = moved || now.id + now.mac != before;
    }
    if (!moved)
        return;
    state_->devices.settle_names();
    state_->rebuild();
    state_->save_soon();
}

void Policy::set_trust(std::string_view device, Device::Trust trust)
{
    const std::lock_guard lock(state_->mutex);
    Record* record = state_->devices.with_id(device);
    if (record == nullptr || record->trust == trust)
        return;
    record->trust = trust;
    record->client.reset();
    state_->rebuild();
    state_->save_soon();
}

} // namespace paravent::policy
