// What the owner asks and changes: devices, exceptions, lists.
#include "proxy/policy/policy.hpp"

#include "proxy/policy/address.hpp"
#include "proxy/policy/names.hpp"
#include "proxy/policy/state.hpp"

#include <algorithm>

namespace paravent::policy {

/// `address` is the text as an address in normal form, else empty; `mac` answers for it.
Record& Policy::State::find(std::string_view text, const std::string& address, const std::string& mac)
{
    if (Record* record = devices.called(text))
        return *record;
    if (!address.empty()) {
        if (Record* record = devices.with_live_address(address);
            record != nullptr && (mac.empty() || record->mac == mac))
            return *record;
        Record& record = devices.settle(address, mac);
        devices.settle_names();
        return record;
    }
    throw nobody(text);
}

PolicyError Policy::State::nobody(std::string_view text) const
{
    std::string sentence = "no device is called \"" + std::string(text.substr(0, 100)) + "\"";
    const auto names = devices.near(text);
    for (std::size_t i = 0; i < names.size(); ++i)
        sentence += (i == 0 ? "; did you mean " : i + 1 == names.size() ? " or " : ", ") + names[i];
    return PolicyError(sentence + (names.empty() ? ": `paravent devices` shows them" : "?"));
}

std::vector<Device> Policy::devices() const
{
    std::vector<Device> all;
    const std::lock_guard lock(state_->mutex);
    for (const Record& record : state_->devices.all())
        all.push_back(device_of(record, state_->home, now_ms()));
    std::sort(all.begin(), all.end(), [](const Device& a, const Device& b) {
        return a.last_seen_ms != b.last_seen_ms ? a.last_seen_ms > b.last_seen_ms : a.id < b.id;
    });
    return all;
}

Device Policy::device(std::string_view text)
{
    const std::string address = normal_address(text).value_or(std::string{});
    const std::string mac =
        address.empty() || is_loopback(address) ? std::string{} : state_->neighbours->mac_of(address);
    const std::lock_guard lock(state_->mutex);
    Record& record = state_->find(text, address, mac);
    if (!record.client) {
        state_->rebuild();
        state_->save_soon();
    }
    return device_of(record, state_->home, now_ms());
}

Device Policy::known(std::string_view text) const
{
    const std::string address = normal_address(text).value_or(std::string{});
    const std::int64_t now = now_ms();
    const std::lock_guard lock(state_->mutex);
    if (const Record* record = state_->devices.called(text))
        return device_of(*record, state_->home, now);
    if (!address.empty())
        for (const Record& record : state_->devices.all()) {
            auto device = device_of(record, state_->home, now);
            const auto& all = device.addresses;
            if ((record.this_computer && is_loopback(address)) ||
                std::find(all.begin(), all.end(), address) != all.end())
                return device;
        }
    throw state_->nobody(text);
}

Device Policy::change(std::string_view text, const DeviceChange& change)
{
    const std::string id = device(text).id;
    Device changed;
    {
        const std::lock_guard lock(state_->mutex);
        Record* record = state_->devices.with_id(id);
        if (record == nullptr)
            throw PolicyError("the device was forgotten just now");
        if (change.name)
            record->answers.name = change.name->empty()
                                       ? std::nullopt
                                       : std::optional(checked_name(*change.name, *record, state_->devices));
        const auto answer = [](auto& mine, const auto& asked) {
            if (asked)
                mine = *asked;
        };
        answer(record->answers.profile, change.profile);
        answer(record->answers.intercept, change.intercept);
        answer(record->answers.meta_apps, change.meta_apps);
        answer(record->answers.facebook_login, change.facebook_login);
        answer(record->answers.browsers_only, change.browsers_only);
        answer(record->answers.privacy, change.privacy);
        answer(record->paused_until_ms, change.paused_until_ms);
        if (record->paused_until_ms && *record->paused_until_ms <= now_ms())
            record->paused_until_ms.reset();
        state_->devices.settle_names();
        record->client.reset();
        state_->rebuild();
        changed = device_of(*record, state_->home, now_ms());
    }
    state_->save_now();
    return changed;
}

std::vector<Exception> Policy::exceptions() const
{
    const std::int64_t now = now_ms();
    const std::lock_guard lock(state_->mutex);
    const auto& all = state_->exceptions.all();
    std::vector<Exception> current;
    std::copy_if(all.rbegin(), all.rend(), std::back_inserter(current),
                 [&](const Exception& e) { return !e.until_ms || *e.until_ms > now; });
    return current;
}

Exception Policy::add(Exception exception)
{
    if (!exception.device.empty())
        exception.device = device(exception.device).id;
    {
        const std::lock_guard lock(state_->mutex);
        exception = state_->exceptions.add(std::move(exception), now_ms());
        state_->rebuild_all();
    }
    state_->save_now();
    return exception;
}

bool Policy::remove_exception(std::string_view id)
{
    {
        const std::lock_guard lock(state_->mutex);
        const bool ended = state_->exceptions.drop_ended(now_ms());
        if (!state_->exceptions.remove(id)) {
            if (ended)
                state_->rebuild_all();
            return false;
        }
        state_->rebuild_all();
    }
    state_->save_now();
    return true;
}

std::optional<bool> Policy::list_enabled(std::string_view name) const
{
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->lists.find(name);
    return found == state_->lists.end() ? std::nullopt : std::optional(found->second);
}

void Policy::set_list_enabled(std::string_view name, std::optional<bool> enabled)
{
    constexpr std::size_t most_lists = 1000;
    {
        const std::lock_guard lock(state_->mutex);
        if (!enabled)
            state_->lists.erase(std::string(name));
        else if (!is_plain_text(name, 200))
            throw PolicyError("no list has such a name");
        else if (state_->lists.size() >= most_lists && !state_->lists.contains(name))
            throw PolicyError("there are answers about " + std::to_string(most_lists) + " lists already");
        else
            state_->lists.insert_or_assign(std::string(name), *enabled);
        state_->version.fetch_add(1, std::memory_order_release);
    }
    state_->save_now();
}

std::vector<config::List> Policy::subscriptions() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->subscriptions;
}

void Policy::subscribe(const config::List& list)
{
    if (const auto fault = config::fault_of_subscription(list))
        throw PolicyError(*fault);
    {
        const std::lock_guard lock(state_->mutex);
        auto& all = state_->subscriptions;
        if (std::ranges::find(all, list.name, &config::List::name) != all.end())
            throw PolicyError("name: there is a list \"" + list.name + "\" already");
        if (all.size() >= most_subscriptions)
            throw PolicyError("there are " + std::to_string(most_subscriptions) + " lists already; remove one first");
        all.push_back(list);
        state_->version.fetch_add(1, std::memory_order_release);
    }
    state_->save_now();
}

bool Policy::unsubscribe(std::string_view name)
{
    {
        const std::lock_guard lock(state_->mutex);
        if (std::erase_if(state_->subscriptions, [&](const config::List& list) { return list.name == name; }) == 0)
            return false;
        state_->lists.erase(std::string(name)); // the switch was about this list
        state_->version.fetch_add(1, std::memory_order_release);
    }
    state_->save_now();
    return true;
}

void Policy::forget_device(std::string_view device)
{
    {
        const std::lock_guard lock(state_->mutex);
        auto& devices = state_->devices;
        if (device.empty()) {
            while (!devices.all().empty())
                devices.forget(devices.all().front());
        } else if (Record* record = devices.with_id(device)) {
            devices.forget(*record);
        } else {
            return;
        }
        state_->exceptions.forget_device(device);
        devices.describe(state_->entries); // what the file describes is there again, as a new device
        devices.settle_names();
        state_->rebuild_all();
    }
    state_->save_now();
    if (device.empty())
        state_->file.remove_moved_aside();
}

} // namespace paravent::policy
