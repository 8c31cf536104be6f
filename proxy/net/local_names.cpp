#include "proxy/net/local_names.hpp"

#include "rules/domains.hpp"

#include <array>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

namespace paravent::net {

std::span<const std::string_view> local_suffixes() noexcept
{
    static constexpr std::array<std::string_view, 9> all{"local",       "lan",      "home",    "home.arpa", "internal",
                                                         "localdomain", "intranet", "private", "fritz.box"};
    return all;
}

bool is_local_name(std::string_view name) noexcept
{
    if (name.find('.') == std::string_view::npos)
        return true;
    for (const auto suffix : local_suffixes())
        if (rules::is_or_below(name, suffix))
            return true;
    return false;
}

namespace {

AresChannel::Reply ask_system(const std::string& name)
{
    AresChannel::Reply reply{ARES_ENOTFOUND, {}, std::chrono::seconds{0}};
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int status = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
    for (auto* node = status == 0 ? found : nullptr; node; node = node->ai_next) {
        asio::ip::tcp::endpoint endpoint;
        if (node->ai_addrlen > endpoint.capacity())
            continue;
        std::memcpy(endpoint.data(), node->ai_addr, node->ai_addrlen);
        reply.addresses.push_back(unmapped(endpoint.address()));
    }
    if (found)
        ::freeaddrinfo(found);
    if (!reply.addresses.empty()) {
        reply.status = ARES_SUCCESS;
        reply.ttl = std::chrono::seconds{30}; // getaddrinfo tells none
    }
    return reply;
}

} // namespace

struct LocalNames::Desk {
    using Done = std::function<void(AresChannel::Reply)>;
    static constexpr std::size_t most_waiting = 64;
    static constexpr unsigned most_threads = 2;

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::pair<std::uint64_t, std::string>> waiting; ///< number and name
    std::unordered_map<std::uint64_t, Done> askers;            ///< by number, until their answer is there
    std::uint64_t numbers = 0;
    unsigned threads = 0, idle = 0;
    bool closed = false;

    static void serve(const std::shared_ptr<Desk>& desk);
};

void LocalNames::Desk::serve(const std::shared_ptr<Desk>& desk)
{
    std::unique_lock lock(desk->mutex);
    for (;;) {
        ++desk->idle;
        desk->changed.wait(lock, [&] { return desk->closed || !desk->waiting.empty(); });
        --desk->idle;
        if (desk->closed)
            return;
        const auto [number, name] = std::move(desk->waiting.front());
        desk->waiting.pop_front();
        lock.unlock();
        auto reply = ask_system(name);
        lock.lock();
        // With the lock held, so that `close` is the last word.
        if (auto asker = desk->askers.extract(number))
            asker.mapped()(std::move(reply));
    }
}

LocalNames::LocalNames() : desk_(std::make_shared<Desk>()) {}

void LocalNames::ask(const std::string& name, std::function<void(AresChannel::Reply)> done)
{
    const std::lock_guard lock(desk_->mutex);
    if (desk_->closed || desk_->waiting.size() >= Desk::most_waiting)
        return done({ARES_ENOMEM, {}, std::chrono::seconds{0}});
    if (desk_->idle <= desk_->waiting.size() && desk_->threads < Desk::most_threads) {
        try {
            std::thread([desk = desk_] { Desk::serve(desk); }).detach();
            ++desk_->threads;
        } catch (const std::system_error&) { // no thread to be had today
            if (desk_->threads == 0)
                return done({ARES_ENOMEM, {}, std::chrono::seconds{0}});
        }
    }
    const auto number = desk_->numbers++;
    desk_->waiting.emplace_back(number, name);
    desk_->askers.emplace(number, std::move(done));
    desk_->changed.notify_one();
}

void LocalNames::close() noexcept
{
    const std::lock_guard lock(desk_->mutex);
    desk_->closed = true;
    desk_->waiting.clear();
    desk_->askers.clear();
    desk_->changed.notify_all();
}

} // namespace paravent::net
