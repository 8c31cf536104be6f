#include "proxy/cli/meta_addresses.hpp"

#include "proxy/cli/resolving.hpp"
#include "proxy/steering/meta_networks.hpp"

#include <condition_variable>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

namespace paravent::cli {
namespace {

constexpr auto ask_every = std::chrono::minutes{5};

std::vector<net::Network> meta_networks()
{
    std::vector<net::Network> all;
    for (const auto list : {steering::meta_networks_v4(), steering::meta_networks_v6()})
        for (const auto text : list)
            if (const auto network = net::Network::parse(text))
                all.push_back(*network);
    return all;
}

} // namespace

struct MetaAddresses::State {
    State(const config::Settings& settings, std::vector<std::string> wanted)
        : names(std::move(wanted)), asking(settings), thread([this](const std::stop_token& stop) { run(stop); })
    {
    }

    FoundAddresses find()
    {
        std::set<net::Address> all; // many names share their addresses
        for (const auto& [name, answer] : asking.resolve(names))
            all.insert(answer.addresses.begin(), answer.addresses.end());
        FoundAddresses result;
        for (const auto& address : all)
            if (net::is_public(address) && !net::contains(networks, address))
                (address.is_v4() ? result.v4 : result.v6).push_back(address.to_string());
        return result;
    }

    void run(const std::stop_token& stop)
    {
        while (!stop.stop_requested() && !names.empty()) {
            auto result = find();
            std::unique_lock lock(mutex);
            found = std::move(result);
            wake.wait_for(lock, stop, ask_every, [] { return false; });
        }
    }

    const std::vector<std::string> names;
    const std::vector<net::Network> networks = meta_networks();
    Asking asking;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::optional<FoundAddresses> found;
    std::jthread thread; ///< last: it uses all the others
};

MetaAddresses::MetaAddresses(const config::Settings& settings, std::vector<std::string> names)
    : state_(std::make_unique<State>(settings, std::move(names)))
{
}

MetaAddresses::~MetaAddresses()
{
    state_->thread.request_stop();
    state_->asking.stop();
}

std::optional<FoundAddresses> MetaAddresses::fresh()
{
    const std::lock_guard lock(state_->mutex);
    return std::exchange(state_->found, std::nullopt);
}

} // namespace paravent::cli
