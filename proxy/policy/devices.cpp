#include "proxy/policy/devices.hpp"

#include "proxy/policy/address.hpp"

#include <algorithm>
#include <ranges>

namespace paravent::policy {
namespace {

void to_front(std::vector<std::string>& list, const std::string& value, std::size_t most)
{
    const auto found = std::find(list.begin(), list.end(), value);
    if (found != list.end())
        std::rotate(list.begin(), found, found + 1);
    else
        list.insert(list.begin(), value);
    if (list.size() > most)
        list.resize(most);
}

bool contains(const std::vector<std::string>& list, const std::string& value)
{
    return std::find(list.begin(), list.end(), value) != list.end();
}

std::string normal_or_empty(const std::string& address)
{
    return normal_address(address).value_or(std::string{});
}

} // namespace

bool Record::described() const noexcept
{
    return entry || excepted || paused_until_ms || answers.name || answers.profile || answers.intercept ||
           answers.meta_apps || answers.facebook_login || answers.browsers_only || answers.privacy;
}

Record& Devices::make()
{
    if (records_.size() >= limit) {
        Record* longest = nullptr;
        for (Record& record : records_)
            if (!record.described() && !record.this_computer &&
                (longest == nullptr || record.last_seen_ms < longest->last_seen_ms))
                longest = &record;
        if (longest != nullptr)
            forget(*longest);
    }
    Record& record = records_.emplace_back();
    do
        record.id = ids_.next();
    while (by_id_.contains(record.id)); // only a state file written by hand can get here twice
    by_id_.emplace(record.id, &record);
    return record;
}

Record& Devices::settle(const std::string& address, const std::string& mac)
{
    if (is_loopback(address)) {
        Record& record = this_computer();
        attach(record, address);
        return record;
    }

    Record* record = mac.empty() ? nullptr : with_mac(mac);
    const bool by_entry = record != nullptr && record->entry && record->entry->mac == mac;
    bool takes_mac = false;
    if (!by_entry) {
        if (Record* at = described_at(address, mac)) {
            record = at;
            takes_mac = true; // the file means whoever has that address, now this one
        }
    }
    if (record == nullptr)
        record = remembered_at(address, mac);
    if (record == nullptr)
        record = &make();
    if (!mac.empty() && (takes_mac || record->mac.empty()))
        set_mac(*record, mac);
    attach(*record, address);
    return *record;
}

Record& Devices::this_computer()
{
    const auto found =
        std::find_if(records_.begin(), records_.end(), [](const Record& record) { return record.this_computer; });
    if (found != records_.end())
        return *found;
    Record& record = make();
    record.this_computer = true;
    return record;
}

Record* Devices::with_mac(const std::string& mac)
{
    const auto found = by_mac_.find(mac);
    return found == by_mac_.end() ? nullptr : found->second;
}

/// The record whose [[device]] names that address, unless it names another MAC as well.
Record* Devices::described_at(const std::string& address, const std::string& mac)
{
    for (Record& record : records_)
        if (record.entry && record.entry->address == address &&
            (record.entry->mac.empty() || mac.empty() || record.entry->mac == mac))
            return &record;
    return nullptr;
}

Record* Devices::remembered_at(const std::string& address, const std::string& mac)
{
    for (Record& record : records_)
        if ((record.mac.empty() || mac.empty() || record.mac == mac) && !record.this_computer &&
            (contains(record.live, address) || contains(record.addresses, address)))
            return &record;
    return nullptr;
}

void Devices::set_mac(Record& record, const std::string& mac)
{
    if (record.mac == mac)
        return;
    if (Record* other = with_mac(mac); other != nullptr) {
        if (other->described())
            return; // its owner knows it by that MAC; this record stays known by its address
        // Nobody described the other: it is this one, seen before it was told apart.
        const auto live = other->live;
        forget(*other);
        for (const auto& address : std::views::reverse(live))
            attach(record, address);
    }
    if (!record.mac.empty())
        by_mac_.erase(record.mac);
    record.mac = mac;
    record.client.reset();
    by_mac_.emplace(mac, &record);
}

void Devices::attach(Record& record, const std::string& address)
{
    for (auto next = records_.begin(); next != records_.end();) {
        Record& other = *next++;
        if (&other == &record)
            continue;
        if (std::erase(other.addresses, address) + std::erase(other.live, address) != 0) {
            other.client.reset();
            // Made in the moment before the kernel knew who answers, and empty now.
            if (!other.described() && other.mac.empty() && other.addresses.empty())
                forget(other);
        }
    }
    if (record.live.size() >= most_live && !contains(record.live, address))
        by_live_address_.erase(record.live.back());
    to_front(record.live, address, most_live);
    to_front(record.addresses, address, most_remembered);
    by_live_address_.insert_or_assign(address, &record);
    record.client.reset();
}

void Devices::describe(const std::vector<config::Device>& entries)
{
    std::unordered_map<std::string, config::Device> before;
    for (Record& record : records_)
        if (record.entry) {
            before.emplace(record.id, *record.entry);
            record.entry.reset();
        }

    for (config::Device entry : entries) {
        entry.address = normal_or_empty(entry.address);
        Record* record = meant_by(entry, before);
        if (record == nullptr)
            record = is_loopback(entry.address) ? &this_computer() : &make();
        record->entry = entry;
        if (!entry.mac.empty())
            set_mac(*record, entry.mac);
    }

    for (auto next = records_.begin(); next != records_.end();) {
        Record& record = *next++;
        record.client.reset();
        // Its entry is gone and nobody ever saw it.
        if (before.contains(record.id) && !record.described() && record.last_seen_ms == 0 && record.addresses.empty())
            forget(record);
    }
}

/// The record that an entry means: of its MAC, else the one it described before, else whoever has its address.
Record* Devices::meant_by(const config::Device& entry, const std::unordered_map<std::string, config::Device>& before)
{
    if (!entry.mac.empty())
        if (Record* record = with_mac(entry.mac); record != nullptr && !record->entry)
            return record;
    for (const auto& [id, old] : before)
        if ((!entry.mac.empty() && old.mac == entry.mac) || (!entry.address.empty() && old.address == entry.address))
            if (Record* record = with_id(id); record != nullptr && !record->entry)
                return record;
    if (entry.address.empty())
        return nullptr;
    for (Record& record : records_) {
        if (record.entry || (!entry.mac.empty() && !record.mac.empty()))
            continue;
        if (is_loopback(entry.address) ? record.this_computer
                                       : !record.addresses.empty() && record.addresses.front() == entry.address)
            return &record;
    }
    return nullptr;
}

Record* Devices::with_id(std::string_view id)
{
    const auto found = by_id_.find(std::string(id));
    return found == by_id_.end() ? nullptr : found->second;
}

Record* Devices::with_live_address(std::string_view address)
{
    const auto found = by_live_address_.find(std::string(address));
    return found == by_live_address_.end() ? nullptr : found->second;
}

void Devices::forget(Record& record)
{
    by_id_.erase(record.id);
    if (const auto found = by_mac_.find(record.mac); found != by_mac_.end() && found->second == &record)
        by_mac_.erase(found);
    for (const std::string& address : record.live)
        by_live_address_.erase(address);
    records_.remove_if([&](const Record& other) { return &other == &record; });
}

void Devices::restore(Record record)
{
    if (by_id_.contains(record.id) || records_.size() >= limit)
        return;
    if (!record.mac.empty() && by_mac_.contains(record.mac))
        record.mac.clear();
    Record& kept = records_.emplace_back(std::move(record));
    by_id_.emplace(kept.id, &kept);
    if (!kept.mac.empty())
        by_mac_.emplace(kept.mac, &kept);
}

Device device_of(const Record& record, const Home& home, std::int64_t now_ms)
{
    const config::Device nothing;
    const config::Device& file = record.entry ? *record.entry : nothing;
    const auto& mine = record.answers;
    Device device;
    device.id = record.id;
    device.name = record.name;
    device.addresses = record.addresses;
    device.mac = record.mac;
    device.profile = mine.profile.value_or(file.profile.value_or(home.profile));
    device.intercept = mine.intercept.value_or(file.intercept.value_or(false));
    device.meta_apps = mine.meta_apps.value_or(file.meta_apps.value_or(true));
    device.facebook_login = mine.facebook_login.value_or(file.facebook_login.value_or(false));
    device.browsers_only = mine.browsers_only.value_or(file.browsers_only.value_or(false));
    device.privacy = mine.privacy.value_or(file.privacy.value_or(home.privacy));
    if (record.paused_until_ms && *record.paused_until_ms > now_ms)
        device.paused_until_ms = record.paused_until_ms;
    if (home.paused_until_ms && *home.paused_until_ms > device.paused_until_ms.value_or(now_ms))
        device.paused_until_ms = home.paused_until_ms;
    device.trust = record.trust;
    device.last_seen_ms = record.last_seen_ms;
    return device;
}

} // namespace paravent::policy
