// What is known of a kept text comes back after a start; whatever stands there instead is nothing known.
#include "lists_folder.hpp"
#include "proxy/lists/kept.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::lists;

BOOST_FIXTURE_TEST_SUITE(kept_facts, Folder)

BOOST_AUTO_TEST_CASE(they_come_back_as_they_were)
{
    const Kept kept{"https://a.example/", "\"x\"", "yesterday", 12, std::chrono::hours{96}, 1'790'000'000'123};
    BOOST_REQUIRE(!write_kept(path / "a.json", kept));
    const auto read = read_kept(path / "a.json");
    BOOST_TEST(read.url == kept.url);
    BOOST_TEST(read.etag == kept.etag);
    BOOST_TEST(read.last_modified == kept.last_modified);
    BOOST_TEST(read.rules == 12u);
    BOOST_TEST((read.expires == kept.expires));
    BOOST_TEST(read.checked_ms == kept.checked_ms);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_in_order_is_nothing_known)
{
    BOOST_TEST(read_kept(path / "none").checked_ms == 0);
    for (const std::string& text : {std::string{}, std::string("[1]"),
                                    std::string("{\"url\": 1, \"checked\": -5, \"rules\": \"x\", \"expires\": -1}"),
                                    std::string(20'000, ' '), std::string(10'000, '[')}) {
        write(path / "a.json", text);
        const auto read = read_kept(path / "a.json");
        BOOST_TEST(read.url == "");
        BOOST_TEST(read.checked_ms == 0);
        BOOST_TEST(read.rules == 0u);
        BOOST_TEST(!read.expires.has_value());
    }
}

BOOST_AUTO_TEST_SUITE_END()
