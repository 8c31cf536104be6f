#include "config/settings.hpp"

#include <boost/test/unit_test.hpp>
#include <sstream>

using namespace paravent::config;

namespace {

std::ostream& operator<<(std::ostream& out, const Endpoint& endpoint)
{
    return out << endpoint.address << '|' << endpoint.port;
}

template <class Item>
std::string joined(const std::vector<Item>& items)
{
    std::ostringstream out;
    for (const auto& item : items)
        out << item << ' ';
    return out.str();
}

/// Every setting in one text, so that two of them can be compared and a difference be read.
std::string described(const Settings& s)
{
    std::ostringstream out;
    out << "listen " << joined(s.proxy.listen) << "\nsteered " << joined(s.proxy.steered) << "\nredirected "
        << joined(s.proxy.redirected) << "\nclients " << joined(s.proxy.clients) << "\nports " << joined(s.proxy.ports)
        << "\nprivate_destinations " << joined(s.proxy.private_destinations) << "\nworkers " << s.proxy.workers
        << "\ndashboard " << joined(s.dashboard.listen) << joined(s.dashboard.names) << "\nresolver "
        << joined(s.resolver.servers) << s.resolver.hosts << "\nupstream " << static_cast<int>(s.upstream.kind)
        << s.upstream.host << s.upstream.port << s.upstream.user << s.upstream.password << "\ntls " << s.tls.trust
        << ' ' << s.tls.remember.count() << "\nprofile " << name_of(s.profile) << "\ndevices " << s.devices.size()
        << "\nlists " << s.lists.size() << "\nstatistics " << s.statistics.path << ' ' << name_of(s.statistics.privacy)
        << ' ' << s.statistics.retention.count() << ' ' << s.statistics.flush.count() << "\nlog " << s.log.level << ' '
        << s.log.format << "\nlimits " << s.limits.connections << ' ' << s.limits.per_client << ' '
        << s.limits.head.count() << ' ' << s.limits.connect.count() << ' ' << s.limits.tls.count() << ' '
        << s.limits.resolve.count() << ' ' << s.limits.idle.count() << ' ' << s.limits.tunnel_idle.count() << ' '
        << s.limits.drain.count() << ' ' << s.limits.fetch.count();
    return out.str();
}

} // namespace

BOOST_AUTO_TEST_CASE(the_installed_file_says_what_an_empty_one_means)
{
    const Settings read = read_settings(PARAVENT_SOURCE "/config/paravent.toml");
    BOOST_TEST(described(read) == described(Settings{}));
    BOOST_TEST(described(parse_settings("", "empty.toml")) == described(Settings{}));
    BOOST_TEST(read.file == PARAVENT_SOURCE "/config/paravent.toml");
}

BOOST_AUTO_TEST_CASE(profiles_and_privacy_levels_go_by_their_names)
{
    for (const auto profile : {Profile::off, Profile::log, Profile::standard, Profile::strict})
        BOOST_TEST((profile_named(name_of(profile)) == profile));
    for (const auto privacy : {Privacy::counters, Privacy::events, Privacy::full})
        BOOST_TEST((privacy_named(name_of(privacy)) == privacy));
    BOOST_TEST(!profile_named("Standard").has_value());
    BOOST_TEST(!privacy_named("").has_value());
}
