#include "proxy/cli/resolving.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

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

net::Resolver::Options resolver_options(const config::Settings& settings)
{
    return {settings.resolver.servers, settings.resolver.hosts, settings.limits.resolve};
}

std::map<std::string, Resolved> resolve_all(net::Resolver& resolver, const std::vector<std::string>& names)
{
    std::map<std::string, Resolved> all;
    boost::asio::io_context context{1};
    for (const auto& name : names)
        boost::asio::co_spawn(context, ask(resolver, name, all[name]), boost::asio::detached);
    context.run();
    return all;
}

} // namespace paravent::cli
