#include "proxy/cli/resolving.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

namespace paravent::cli {
namespace {

net::awaitable<void> ask(net::Resolver& resolver, const std::string& name, Resolved& into)
{
    const auto answer = co_await resolver.resolve(name);
    if (!answer) {
        into.error = answer.error().message();
        co_return;
    }
    for (const auto& address : **answer)
        into.addresses.push_back(net::unmapped(address));
    std::ranges::sort(into.addresses);
    into.addresses.erase(std::unique(into.addresses.begin(), into.addresses.end()), into.addresses.end());
}

} // namespace

Asking::Asking(const config::Settings& settings)
    : resolver_({settings.resolver.servers, settings.resolver.hosts, settings.limits.resolve})
{
}

std::map<std::string, Resolved> Asking::resolve(const std::vector<std::string>& names)
{
    std::map<std::string, Resolved> all;
    for (const auto& name : names)
        boost::asio::co_spawn(context_, ask(resolver_, name, all[name]), boost::asio::detached);
    context_.restart();
    context_.run();
    return all;
}

} // namespace paravent::cli
