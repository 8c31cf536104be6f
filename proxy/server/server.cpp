#include "proxy/server/server.hpp"

#include "proxy/server/acceptor.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace paravent::server {

namespace {

Census::Limits limits_of(const config::Settings& settings)
{
    const unsigned all = settings.limits.connections ? settings.limits.connections : Census::by_descriptors();
    unsigned one = settings.limits.per_client;
    if (one == 0) {
        // The last tenth is kept for other clients; on one computer's own proxy there are none.
        const bool alone =
            settings.limits.connections == 0 && settings.proxy.clients == std::vector<std::string>{"loopback"};
        one = alone ? all : all - std::max(1u, all / 10);
    }
    return {all, std::min(one, all)};
}

} // namespace

Server::Server(const std::vector<Listening>& listening, std::shared_ptr<const Snapshot> first, unsigned workers,
               policy::Policy& policy, statistics::Recorder& statistics, net::Resolver& resolver,
               tls::Interception& interception, LocalSite site)
    : census_(limits_of(*first->settings)),
      shared_(std::make_unique<Shared>(std::move(first), policy, statistics, resolver, interception, census_,
                                       std::move(site)))
{
    for (unsigned i = 0; i < std::max(workers, 1u); ++i)
        workers_.push_back(std::make_unique<Worker>(*shared_));
    for (const auto& one : listening)
        acceptors_.push_back(std::make_unique<Acceptor>(one, *shared_, workers_));
}

Server::~Server()
{
    for (auto& acceptor : acceptors_)
        acceptor->stop();
    // The dashboard's thread first: it posts its answers to the workers.
    shared_->site_thread.stop();
    shared_->site_thread.join();
    for (auto& worker : workers_)
        worker->stop();
    for (auto& worker : workers_)
        worker->join();
    shared_->resolver.stop(); // its answers are for coroutines of the workers
    acceptors_.clear();
}

void Server::start()
{
    for (auto& worker : workers_)
        worker->start();
    for (auto& acceptor : acceptors_)
        acceptor->start();
}

void Server::replace(std::shared_ptr<const Snapshot> next)
{
    census_.configure(limits_of(*next->settings));
    shared_->current.replace(std::move(next));
}

void Server::drain()
{
    for (auto& acceptor : acceptors_)
        acceptor->stop();
    for (auto& worker : workers_)
        worker->drain();
}

bool Server::wait_until_empty(net::Millis limit)
{
    return census_.wait_until_empty(limit);
}

std::vector<std::function<void(std::function<void()>)>> Server::threads()
{
    std::vector<std::function<void(std::function<void()>)>> all;
    for (auto& worker : workers_)
        all.emplace_back(
            [&context = worker->context](std::function<void()> call) { net::asio::post(context, std::move(call)); });
    all.emplace_back(
        [&thread = shared_->site_thread](std::function<void()> call) { net::asio::post(thread, std::move(call)); });
    return all;
}

Server::Status Server::status() const
{
    return {static_cast<unsigned>(workers_.size()),
            census_.open(),
            census_.total,
            census_.refused,
            census_.tunnels,
            shared_->dns_loop};
}

} // namespace paravent::server
