#include "proxy/cli/diagnosis.hpp"
#include "proxy/cli/reachable.hpp"
#include "proxy/cli/resolving.hpp"
#include "proxy/cli/words.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

// The way to [upstream] proxy: whoever has a parent leaves names and the way out to it.
namespace paravent::cli {
namespace {

Resolved addresses_of_parent(const config::Settings& settings)
{
    boost::system::error_code not_numeric;
    const auto address = boost::asio::ip::make_address(settings.upstream.host, not_numeric);
    if (!not_numeric)
        return {{address}, {}};
    return Asking(settings).resolve({settings.upstream.host}).begin()->second;
}

} // namespace

bool has_parent(const config::Settings& settings)
{
    return settings.upstream.kind != decltype(settings.upstream)::Kind::none;
}

Findings examine_names_with_parent(const config::Settings& settings)
{
    const auto& host = settings.upstream.host;
    const auto found = addresses_of_parent(settings);
    if (found.addresses.empty())
        return {bad("names", "the proxy of [upstream], " + host + ", is not found: " + found.error,
                    "is its name right, and is [resolver] servers?")};
    return {good("names", "the proxy of [upstream], " + host + ", asks for them")};
}

Findings examine_routes_with_parent(const config::Settings& settings)
{
    const auto& parent = settings.upstream;
    const auto place = written({parent.host, parent.port});
    const auto found = addresses_of_parent(settings);
    if (found.addresses.empty())
        return {}; // as said under names
    if (std::ranges::any_of(found.addresses, [&](const net::Address& address) {
            return is_reachable(address.to_string(), parent.port);
        }))
        return {good("routes", "everything goes by way of the proxy at " + place)};
    return {bad("routes", "the proxy of [upstream] at " + place + " takes no connection",
                "does it run, and is there a way to it? `ip route` shows the ways")};
}

} // namespace paravent::cli
