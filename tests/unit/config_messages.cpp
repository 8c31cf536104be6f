#include "config/report.hpp"
#include "tests/unit/config_wrong.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using namespace paravent::config;

namespace {

const std::vector<Wrong> wrongs = {
    // keys
    {"[proxy]\nlisen = 1", "2:1: proxy.lisen: no such key; did you mean listen?"},
    {"[limits]\nhaed = \"1s\"", "2:1: limits.haed: no such key; did you mean head?"},
    {"[proxy]\nretention = \"1d\"", "2:1: proxy.retention: no such key; it belongs in [statistics]"},
    {"listen = \"x\"", "1:1: listen: no such section or key; it belongs in [dashboard] or [proxy]"},
    {"[log]\ncolour = true", "2:1: log.colour: no such key; known here: format, level"},
    {"[statistic]", "1:2: statistic: no such section or key; did you mean statistics?"},
    {"[log]\n\"a\\u001b[31m\" = 1", "2:1: log.a\\x1b[31m: no such key; known here: format, level"},
    // shapes
    {"proxy = 8480", "1:9: proxy: is a section; write [proxy] once, and its keys below"},
    {"[[proxy]]", "1:1: proxy: is a section; write [proxy] once, and its keys below"},
    {"[device]\nname = \"x\"", "1:1: device: is a list of entries; write [[device]] above each"},
    {"list = [1]", "1:8: list: is a list of entries; write [[list]] above each"},
    // types
    {"[proxy]\nlisten = 8480", "2:10: proxy.listen: is a text in quotes, but this is a whole number"},
    {"[proxy]\nworkers = \"2\"", "2:11: proxy.workers: is a whole number from 0 to 256, but this is a text"},
    {"[proxy]\nworkers = 1.5",
     "2:11: proxy.workers: is a whole number from 0 to 256, but this is a number with a fraction"},
    {"[policy]\nprofile = true", "2:11: policy.profile: is a text in quotes, but this is true or false"},
    {"[limits]\nidle = 60", "2:8: limits.idle: is a duration in quotes, like \"1min\", but this is a whole number"},
    {"[resolver]\nservers = [[\"9.9.9.9\"]]", "2:12: resolver.servers: is a text in quotes, but this is a list"},
    // ranges and words
    {"[proxy]\nlisten = [\"0.0.0.0:84800\"]", "2:11: proxy.listen: \"0.0.0.0:84800\" is no address (port 1 to 65535)"},
    {"[proxy]\nlisten = \"localhost:8480\"",
     "2:10: proxy.listen: \"localhost:8480\" is no address (numbers, like 127.0.0.1:8480 or [::1]:8480)"},
    {"[proxy]\nlisten = \"::1\"",
     "2:10: proxy.listen: \"::1\" is no address with a port (like 127.0.0.1:8480 or [::1]:8480)"},
    {"[proxy]\nworkers = 257", "2:11: proxy.workers: 257 is out of range (0 to 256)"},
    {"[proxy]\nworkers = -1", "2:11: proxy.workers: -1 is out of range (0 to 256)"},
    {"[proxy]\nports = [0]", "2:10: proxy.ports: 0 is out of range (1 to 65535)"},
    {"[proxy]\nports = [65536]", "2:10: proxy.ports: 65536 is out of range (1 to 65535)"},
    {"[proxy]\nports = [443, 443]", "2:15: proxy.ports: 443 is written twice; leave one out"},
    {"[proxy]\nports = []", "2:9: proxy.ports: nothing could be reached; write at least [80, 443]"},
    {"[proxy]\nclients = []",
     "2:11: proxy.clients: nobody may use the proxy; write at least [\"loopback\"], this computer alone"},
    {"[proxy]\nclients = [\"lan\"]", "2:12: proxy.clients: \"lan\" is none of \"loopback\", \"home\", an address, a "
                                     "network (like 192.168.1.0/24)"},
    {"[proxy]\nclients = [\"192.168.1.7/24\"]", "2:12: proxy.clients: \"192.168.1.7/24\" is no network: its last bits "
                                                "are not zero; write \"192.168.1.0/24\" or a lone address"},
    {"[proxy]\nprivate_destinations = [\"nas.local\"]",
     "2:25: proxy.private_destinations: \"nas.local\" is no network and no address (like 192.168.1.0/24 or "
     "192.168.1.20)"},
    {"[dashboard]\nnames = [\"my box\"]",
     "2:10: dashboard.names: \"my box\" is no host name (like \"paravent.local\")"},
    {"[resolver]\nservers = [\"dns.quad9.net\"]", "2:12: resolver.servers: \"dns.quad9.net\" is no name server's "
                                                  "address (like 192.0.2.1 or [2001:db8::1]:5353)"},
    {"[resolver]\nhosts = \"~/hosts\"",
     "2:9: resolver.hosts: ~ is not expanded here; write the whole path, or one relative to this file's folder"},
    {"[policy]\nprofile = \"Strict\"", "2:11: policy.profile: \"Strict\" is no profile (off, log, standard or strict)"},
    {"[statistics]\nprivacy = \"none\"",
     "2:11: statistics.privacy: \"none\" is no privacy level (counters, events or full)"},
    {"[statistics]\npath = \"\"",
     "2:8: statistics.path: names a file, like \"statistics.db\" (in the state directory)"},
    {"[statistics]\nretention = \"0s\"", "2:13: statistics.retention: \"0s\" is out of range (1s to 3650d)"},
    {"[log]\nlevel = \"verbose\"", "2:9: log.level: \"verbose\" is no level (trace, debug, info, warn, error or off)"},
    {"[log]\nformat = \"xml\"", "2:10: log.format: \"xml\" is no format (text or json)"},
    {"[limits]\nhead = \"0s\"", "2:8: limits.head: \"0s\" is out of range (0.1s to 1h)"},
    {"[limits]\ndrain = \"61min\"", "2:9: limits.drain: \"61min\" is out of range (0s to 1h)"},
    {"[limits]\nidle = \"250ms\"",
     "2:8: limits.idle: \"250ms\" is no duration (a number and s, min, h or d, like \"1min\")"},
    {"[log]\nlevel = \"in\\u0000fo\"", "2:9: log.level: \"in\\x00fo\" holds a control character; leave it out"},
    // listening twice
    {"[dashboard]\nlisten = \"127.0.0.1:8480\"",
     "2:10: dashboard.listen: port 8480 of 127.0.0.1 is taken already, by proxy.listen; choose another"},
    {"[proxy]\nlisten = \"0.0.0.0:8481\"",
     "1:1: dashboard.listen: port 8481 of 127.0.0.1 is taken already, by proxy.listen; choose another"},
    {"[proxy]\nsteered = \"[::1]:443\"\nredirected = \"[::]:443\"",
     "3:14: proxy.redirected: port 443 of :: is taken already, by proxy.steered; choose another"},
};

} // namespace

BOOST_DATA_TEST_CASE(a_wrong_setting_is_named_with_its_place_and_the_way_out, data::make(wrongs), wrong)
{
    BOOST_TEST(message_of(wrong.text) == "a.toml:" + wrong.message);
}

BOOST_AUTO_TEST_CASE(all_errors_come_at_once_in_the_order_of_the_file)
{
    BOOST_TEST(message_of("[log]\nlevel = 1\nfromat = \"text\"\n[proxy]\nworkers = 999\n[[device]]\n") ==
               "a.toml:2:9: log.level: is a text in quotes, but this is a whole number\n"
               "a.toml:3:1: log.fromat: no such key; did you mean format?\n"
               "a.toml:5:11: proxy.workers: 999 is out of range (0 to 256)\n"
               "a.toml:6:1: device.name: is missing; each device needs one, like \"kitchen tablet\"\n"
               "a.toml:6:1: device.address: is missing; a device is known by address = \"…\" or mac = \"…\"");
}

BOOST_AUTO_TEST_CASE(what_is_no_toml_is_refused_at_its_place)
{
    BOOST_TEST(message_of("[proxy]\nlisten = [\n").starts_with("a.toml:2:"));
    BOOST_TEST(message_of("[proxy]\n[proxy]\n").starts_with("a.toml:2:"));
    BOOST_TEST(message_of("a = \"\xff\"").starts_with("a.toml:1:"));
    BOOST_TEST(message_of(std::string(5'000, '[')).starts_with("a.toml:1:"));
}

BOOST_AUTO_TEST_CASE(a_file_of_nothing_but_errors_makes_a_bounded_message)
{
    std::string text = "[log]\n";
    for (int i = 0; i < 20'000; ++i)
        text += "k" + std::to_string(i) + " = 1\n";
    const std::string message = message_of(text);
    BOOST_TEST(std::ranges::count(message, '\n') == 1'000);
    BOOST_TEST(message.ends_with("\na.toml: and 19000 more"));
    std::string items;
    for (int i = 0; i < 1'001; ++i)
        items += "\"10.0." + std::to_string(i / 250) + '.' + std::to_string(i % 250) + "\",";
    BOOST_TEST(message_of("[proxy]\nclients = [" + items + "]") ==
               "a.toml:2:11: proxy.clients: has more than 1000 entries; leave some out");
}

BOOST_AUTO_TEST_CASE(shown_text_is_short_and_inert_on_a_terminal)
{
    BOOST_TEST(in_quotes("a\x1b[2J\x7f\n\xc2\x9b") == "\"a\\x1b[2J\\x7f\\x0a\\xc2\\x9b\"");
    BOOST_TEST(in_quotes("Büro") == "\"Büro\"");
    BOOST_TEST(in_quotes(std::string(81, 'a')) == '"' + std::string(80, 'a') + "…\"");
    BOOST_TEST(in_quotes(std::string(79, 'a') + "ü") == '"' + std::string(79, 'a') + "…\"");
}

BOOST_AUTO_TEST_CASE(distance_counts_slips_of_the_finger)
{
    BOOST_TEST(distance("listen", "listen") == 0U);
    BOOST_TEST(distance("listen", "lisen") == 1U);
    BOOST_TEST(distance("head", "haed") == 1U);
    BOOST_TEST(distance("head", "heads") == 1U);
    BOOST_TEST(distance("", "abc") == 3U);
    BOOST_TEST(distance("kitten", "sitting") == 3U);
}
