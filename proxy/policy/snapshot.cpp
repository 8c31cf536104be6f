// How devices, exceptions and the home become what requests are judged by.
#include "proxy/policy/address.hpp"
#include "proxy/policy/state.hpp"

#include <algorithm>
#include <chrono>

namespace paravent::policy {

std::int64_t now_ms() noexcept
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::shared_ptr<const Client> Snapshot::client(std::string_view address) const
{
    if (is_loopback(address))
        return this_computer;
    const auto found = clients.find(address);
    return found == clients.end() ? nullptr : found->second;
}

void Policy::State::take(const config::Settings& settings)
{
    file_home = {settings.profile, settings.statistics.privacy, {}};
    home = home_in_force(now_ms());
    entries = settings.devices;
    devices.describe(entries);
    devices.settle_names();
    rebuild_all();
}

void Policy::State::rebuild_all()
{
    for (Record& record : devices.all())
        record.client.reset();
    rebuild();
}

void Policy::State::rebuild()
{
    const std::int64_t now = now_ms();
    auto next = std::make_shared<Snapshot>();
    for (Record& record : devices.all()) {
        if (!record.client) {
            auto client = std::make_shared<Client>();
            client->device = device_of(record, home, now);
            client->rulings =
                rulings_of(client->device.profile, client->device.meta_apps, client->device.facebook_login);
            client->exceptions = exceptions.for_device(record.id);
            client->mine = mine;
            client->sites = sites;
            record.excepted = std::any_of(client->exceptions.begin(), client->exceptions.end(),
                                          [](const Exception& e) { return !e.device.empty(); });
            record.client = std::move(client);
        }
        if (record.this_computer && !record.live.empty())
            next->this_computer = record.client;
        for (const std::string& address : record.live)
            next->clients.insert_or_assign(address, record.client);
    }
    view = std::move(next);
    version.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const View> Policy::view() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->view;
}

std::uint64_t Policy::version() const noexcept
{
    return state_->version.load(std::memory_order_acquire);
}

void Policy::configure(const config::Settings& settings)
{
    const std::lock_guard lock(state_->mutex);
    state_->take(settings);
    state_->save_soon();
}

} // namespace paravent::policy
