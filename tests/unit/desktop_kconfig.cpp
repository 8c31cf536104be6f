#include "proxy/desktop/kconfig.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace paravent::desktop;

namespace {

const std::string group = "Proxy Settings";
const std::string written = "[$Version]\nupdate_info=kioslave.upd:kde2.2/r1\n\n[Proxy Settings]\nNoProxyFor=intranet\n"
                            "ProxyType=0\n\n[Proxy Settings][Other]\nProxyType=9\n";

} // namespace

BOOST_AUTO_TEST_CASE(a_groups_keys_are_its_own)
{
    const auto keys = read_group(written, group);
    BOOST_TEST(keys.size() == 2);
    BOOST_TEST(keys.at("ProxyType").value() == "0");
    BOOST_TEST(read_group(written, "Proxy Settings][Other").at("ProxyType").value() == "9");
    BOOST_TEST(read_group("ProxyType=1\n", group).empty());
    BOOST_TEST(read_group("[Proxy Settings]\nProxyType=1\nProxyType=2", group).at("ProxyType").value() == "2");
}

BOOST_AUTO_TEST_CASE(what_is_set_and_taken_back_leaves_every_byte_as_it_was)
{
    const KeysOfGroup ours = {{"ProxyType", "2"}, {"Proxy Config Script", "http://127.0.0.1:8481/proxy.pac"}};
    const auto set = with_group(written, group, ours);
    BOOST_TEST(set == "[$Version]\nupdate_info=kioslave.upd:kde2.2/r1\n\n[Proxy Settings]\nNoProxyFor=intranet\n"
                      "ProxyType=2\nProxy Config Script=http://127.0.0.1:8481/proxy.pac\n\n"
                      "[Proxy Settings][Other]\nProxyType=9\n");
    BOOST_TEST(with_group(set, group, {{"ProxyType", "0"}, {"Proxy Config Script", std::nullopt}}) == written);
}

BOOST_AUTO_TEST_CASE(a_group_that_was_not_there_comes_and_goes)
{
    for (const std::string file : {"", "[Cache]\nUseCache=true\n"}) {
        const auto set = with_group(file, group, {{"ProxyType", "2"}});
        BOOST_TEST(set == file + "[Proxy Settings]\nProxyType=2\n");
        BOOST_TEST(with_group(set, group, {{"ProxyType", std::nullopt}}) == file);
        BOOST_TEST(with_group(file, group, {{"ProxyType", std::nullopt}}) == file);
    }
}

BOOST_AUTO_TEST_CASE(of_a_key_that_is_there_twice_one_line_is_left)
{
    const std::string twice = "[Proxy Settings]\nProxyType=1\n[Other]\na=b\n[Proxy Settings]\nProxyType=4\nc=d\n";
    BOOST_TEST(read_group(twice, group).at("ProxyType").value() == "4");
    BOOST_TEST(with_group(twice, group, {{"ProxyType", "2"}}) ==
               "[Proxy Settings]\nProxyType=2\n[Other]\na=b\n[Proxy Settings]\nc=d\n");
}
