#include "proxy/activity/event.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace paravent::activity;
namespace data = boost::unit_test::data;

BOOST_AUTO_TEST_SUITE(domains)

BOOST_DATA_TEST_CASE(a_host_of_metas_is_known_at_any_depth,
                     data::make({"facebook.com", "www.facebook.com", "a.b.c.facebook.com", "connect.facebook.net",
                                 "fb.me", "scontent.xx.fbcdn.net", "graph.instagram.com", "m.me", "web.whatsapp.com",
                                 "cx.atdmt.com", "gw.conversionsapigateway.com", "www.meta.ai", "threads.net",
                                 "metastatus.com"}),
                     host)
{
    BOOST_TEST(is_meta(host));
}

BOOST_DATA_TEST_CASE(what_only_looks_like_one_of_metas_is_not,
                     data::make({"", ".", "com", "facebook", "facebook.com.evil.example", "notfacebook.com",
                                 "facebook.com.au", "facebook.org", "www.facebook-com.example", "xfb.me", "fb.me.x",
                                 "facebook.co", "127.0.0.1", "2a03:2880::1", ".com", "facebook.", "giphy.com"}),
                     host)
{
    BOOST_TEST(!is_meta(host));
}

BOOST_AUTO_TEST_CASE(a_host_of_any_length_is_looked_up)
{
    BOOST_TEST(!is_meta(std::string(100'000, 'a') + ".com"));
    BOOST_TEST(is_meta(std::string(100'000, 'a') + ".fb.com"));
    BOOST_TEST(!is_meta(std::string(1000, '.')));
}

BOOST_AUTO_TEST_CASE(products_have_names_and_names_products)
{
    for (std::size_t i = 0; i < product_count; ++i) {
        const auto product = static_cast<Product>(i);
        BOOST_TEST((product_named(name_of(product)) == product));
    }
    BOOST_TEST(name_of(Product::app_events) == "app_events");
    BOOST_TEST(!product_named("pixels"));
}

BOOST_AUTO_TEST_SUITE_END()
