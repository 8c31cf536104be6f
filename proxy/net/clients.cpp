#include "proxy/net/clients.hpp"

#include "proxy/net/on_link.hpp"

#include <algorithm>

namespace paravent::net {

Clients::Clients(std::span<const std::string> words)
    : written_(networks(words)), home_(std::ranges::find(words, "home") != words.end())
{
}

bool Clients::contains(const Address& address) const
{
    return net::contains(written_, address) || (home_ && address.is_v6() && is_on_link(address));
}

std::vector<Network> Clients::now() const
{
    auto all = written_;
    if (home_)
        std::ranges::copy(on_link(), std::back_inserter(all));
    return outermost(std::move(all));
}

} // namespace paravent::net
