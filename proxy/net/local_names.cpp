#include "proxy/net/local_names.hpp"

#include "rules/domains.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <netdb.h>
#include <optional>

namespace paravent::net {

bool is_local_name(std::string_view name) noexcept
{
    constexpr std::array<std::string_view, 9> suffixes{"local",       "lan",      "home",    "home.arpa", "internal",
                                                       "localdomain", "intranet", "private", "fritz.box"};
    if (name.find('.') == std::string_view::npos)
        return true;
    for (const auto suffix : suffixes)
        if (rules::is_or_below(name, suffix))
            return true;
    return false;
}

struct LocalNames::State {
    std::optional<asio::thread_pool> threads;
    std::atomic<int> waiting{0};
};

LocalNames::LocalNames() : state_(std::make_unique<State>()) {}
LocalNames::~LocalNames()
{
    if (state_->threads)
        state_->threads->stop();
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

void LocalNames::ask(const std::string& name, std::function<void(AresChannel::Reply)> done)
{
    constexpr int most_waiting = 64;
    if (state_->waiting >= most_waiting)
        return done({ARES_ENOMEM, {}, std::chrono::seconds{0}});
    if (!state_->threads)
        state_->threads.emplace(2);
    ++state_->waiting;
    asio::post(*state_->threads, [state = state_.get(), name, done = std::move(done)] {
        auto reply = ask_system(name);
        --state->waiting;
        done(std::move(reply));
    });
}

} // namespace paravent::net
