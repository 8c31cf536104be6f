// The hosts to which a pixel repeats what it is told, as Meta's script for the pixel names them.
#include "proxy/activity/gateways.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>

using paravent::activity::gateways_in;

namespace {

using Hosts = std::vector<std::string>;

std::string handed(const std::string& settings)
{
    return R"(fbq.registerPlugin("1000000000000001", {__fbEventsPlugin: 1, plugin: function(fbq, instance, config) {)"
           "\n"
           R"(config.set("1000000000000001", "clientHint", {"delayInMs":200});)"
           "\n"
           R"(config.set("1000000000000001", "openbridge", )" +
           settings +
           R"();)"
           "\n"
           R"(fbq.loadPlugin("openbridge3"); instance.optIn("1000000000000001", "OpenBridge", true);)"
           R"(instance.configLoaded("1000000000000001"); }});)";
}

std::string posting_to(const std::string& url)
{
    return handed(R"({"endpoints":[{"endpoint":")" + url + R"("}]})");
}

struct Row {
    std::string what, script;
    Hosts hosts;
};
std::ostream& operator<<(std::ostream& out, const Row& row)
{
    return out << row.what;
}

const Row rows[] = {
    {"as Meta writes it",
     handed(R"({"endpoints":[{"endpoint":"https:\/\/capig.shop.example\/","alwaysRetry":true}],"eventsFilter":)"
            R"({"filteringMode":"blocklist","eventNames":["Microdata"]},"blockedWebsites":[]})"),
     {"capig.shop.example"}},
    {"two, one behind the other",
     handed(
         R"({"endpoints":[{"endpoint":"https://gw-1.a.run.app/events"},{"endpoint":"https://x.ecs.us-east-1.on.aws"}]})"),
     {"gw-1.a.run.app", "x.ecs.us-east-1.on.aws"}},
    {"the older call, the host in another member",
     R"(instance.pluginConfig.set("1", "openbridge", {"endpoints":[{"targetDomain":"https://capig.shop.example/",)"
     R"("endpoint":"/events"}]}))",
     {"capig.shop.example"}},
    {"where it posts counts, not for whom",
     handed(R"({"endpoints":[{"targetDomain":"https://www.shop.example/","endpoint":"https://gw.shop.example/"}]})"),
     {"gw.shop.example"}},
    {"single quotes around the part's name",
     "config.set('1','openbridge',{\"endpoints\":[{\"endpoint\":\"https://a.example/\"}]})",
     {"a.example"}},
    {"blanks and lines",
     "config.set(\"1\" , \"openbridge\" ,\n {\"endpoints\" : [ {\"endpoint\" : \"https://a.example\"} ] } )",
     {"a.example"}},
    {"normal form, with user and port", posting_to("https://me@GW.Shop.Example.:8443/x?y#z"), {"gw.shop.example"}},
    {"an international name", posting_to("https://bücher.example/"), {"xn--bcher-kva.example"}},
    {"each once",
     handed(R"({"endpoints":[{"endpoint":"https://a.example/1"},{"endpoint":"https://a.example/2"}]})") +
         posting_to("https://a.example/3"),
     {"a.example"}},
    {"two pixels", posting_to("https://a.example/") + posting_to("https://b.example/"), {"a.example", "b.example"}},
    {"cut off behind the first",
     handed(R"({"endpoints":[{"endpoint":"https://a.example/"},{"endpo)").substr(0, 260),
     {"a.example"}},
    {"Meta's own",
     posting_to("https://graph.facebook.com/v1/events") + posting_to("https://x.conversionsapigateway.com/"),
     {}},
    {"an address",
     posting_to("https://192.0.2.1/") + posting_to("https://[2001:db8::1]/") + posting_to("https://3221225985/"),
     {}},
    {"a name of no world", posting_to("https://localhost/") + posting_to("https://nas/"), {}},
    {"no web address",
     posting_to("ftp://a.example/") + posting_to("javascript:alert(1)") + posting_to("a.example"),
     {}},
    {"a quote and a star", posting_to("https://gw.a%2A%22.example/"), {}},
    {"a broken host", posting_to("https://a b.example/") + posting_to("https://") + posting_to("https://.."), {}},
    {"no endpoints", handed(R"({"eventsFilter":{"eventNames":[]}})"), {}},
    {"other shapes",
     handed(R"({"endpoints":{"endpoint":"https://a.example/"}})") + handed(R"([{"endpoint":"https://a.example/"}])") +
         handed(R"({"endpoints":["https://a.example/",7,null]})") + handed("null"),
     {}},
    {"another part", R"(config.set("1", "openbridge3", {"endpoints":[{"endpoint":"https://a.example/"}]}))", {}},
    {"the name alone", R"(openbridge)", {}},
    {"the name at the end", R"(x("openbridge")", {}},
    {"the name and a comma", R"(x("openbridge",)", {}},
    {"nothing", "", {}},
};

} // namespace

BOOST_AUTO_TEST_SUITE(gateways)

BOOST_DATA_TEST_CASE(a_pixels_gateways_are_read_from_its_settings, boost::unit_test::data::make(rows), row)
{
    BOOST_TEST(gateways_in(row.script) == row.hosts, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_beginning_of_a_script_can_be_read)
{
    const auto& script = rows[0].script;
    bool named = false;
    for (std::size_t n = 0; n <= script.size(); ++n) {
        const auto hosts = gateways_in(script.substr(0, n));
        BOOST_TEST((hosts.empty() || hosts == rows[0].hosts));
        BOOST_TEST((!named || !hosts.empty())); // once it is named it stays
        named = !hosts.empty();
    }
    BOOST_TEST(named);
}

BOOST_AUTO_TEST_CASE(what_a_script_may_take_is_bounded)
{
    std::string many = R"({"endpoints":[)";
    for (int i = 0; i < 1000; ++i)
        many += (i == 0 ? "" : ",") + (R"({"endpoint":"https://g)" + std::to_string(i) + R"(.example/"})");
    BOOST_TEST(gateways_in(handed(many + "]}")).size() == paravent::activity::max_gateways);
    const std::string far = std::string(paravent::activity::max_signals_config, ' ') + posting_to("https://a.example/");
    BOOST_TEST(gateways_in(far).empty());
    std::string named;
    for (int i = 0; i < 100'000; ++i)
        named += R"("openbridge",{"endpoints":[)";
    BOOST_TEST(gateways_in(named).empty());
    BOOST_TEST(gateways_in(handed(std::string(500'000, '['))).empty());
}

BOOST_AUTO_TEST_SUITE_END()
