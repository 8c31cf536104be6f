// Which exception decides about a request.
#include "proxy/policy/exceptions.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace paravent;
using namespace paravent::policy;

namespace {

struct Row {
    const char* site; ///< of the one exception there is
    const char* page;
    const char* destination;
    bool matches;
};

std::ostream& operator<<(std::ostream& out, const Row& row)
{
    return out << row.site << " for " << row.destination << " from " << row.page;
}

const Row rows[] = {
    // a registrable domain: the page's site where that is known …
    {"shop.example", "shop.example", "www.facebook.com", true},
    {"shop.example", "www.shop.example", "www.facebook.com", true},
    {"shop.example", "other.example", "www.shop.example", false},
    {"shop.example", "other.example", "shop.example", false},
    {"shop.co.uk", "www.shop.co.uk", "connect.facebook.net", true},
    {"shop.co.uk", "www.else.co.uk", "connect.facebook.net", false},
    {"facebook.com", "shop.example", "www.facebook.com", false},
    // … else the destination's
    {"facebook.net", "", "connect.facebook.net", true},
    {"facebook.net", "", "facebook.net", true},
    {"facebook.net", "", "facebook.net.evil.example", false},
    {"shop.example", "", "www.facebook.com", false},
    // a full host: the destination, or the page
    {"connect.facebook.net", "", "connect.facebook.net", true},
    {"connect.facebook.net", "shop.example", "connect.facebook.net", true},
    {"connect.facebook.net", "", "facebook.net", false},
    {"connect.facebook.net", "", "www.connect.facebook.net", false},
    {"www.shop.example", "www.shop.example", "www.facebook.com", true},
    {"www.shop.example", "shop.example", "www.facebook.com", false},
    // addresses and single labels are whole hosts
    {"203.0.113.5", "shop.example", "203.0.113.5", true},
    {"2001:db8::5", "shop.example", "2001:db8::5", true},
    {"nas", "shop.example", "nas", true},
    {"203.0.113.5", "", "203.0.113.50", false},
};

Client client_with(const std::vector<Exception>& exceptions, std::string_view device = "d1")
{
    Exceptions all;
    for (const Exception& e : exceptions)
        all.add(e, 0);
    Client client;
    client.exceptions = all.for_device(device);
    return client;
}

Exception allow(std::string site, std::string device = "", std::optional<std::int64_t> until = {})
{
    return {"", std::move(site), std::move(device), until, rules::Action::allow};
}

} // namespace

BOOST_DATA_TEST_CASE(an_exception_matches_the_page_or_else_the_destination, rows, row)
{
    const Client client = client_with({allow(row.site)});
    const Exception* found = client.exception_for(row.page, row.destination, 1);
    BOOST_TEST((found != nullptr) == row.matches);
}

BOOST_AUTO_TEST_CASE(an_exception_that_ended_never_matches)
{
    const Client client = client_with({allow("shop.example", "", 1000)});
    BOOST_TEST((client.exception_for("shop.example", "www.facebook.com", 999) != nullptr));
    BOOST_TEST((client.exception_for("shop.example", "www.facebook.com", 1000) == nullptr));
}

BOOST_AUTO_TEST_CASE(the_more_specific_site_comes_first_then_the_devices_own_then_the_newest)
{
    Exception block = allow("connect.facebook.net");
    block.verdict = rules::Action::block;
    const Client client = client_with({block, allow("shop.example"), allow("shop.example", "d1"),
                                       allow("new.example", "d1"), allow("elsewhere.example", "d2")});
    std::string order;
    for (const Exception& e : client.exceptions)
        order += e.site + "/" + e.device + " ";
    BOOST_TEST(order == "connect.facebook.net/ new.example/d1 shop.example/d1 shop.example/ ");
    const Exception* found = client.exception_for("shop.example", "connect.facebook.net", 1);
    BOOST_REQUIRE(found != nullptr);
    BOOST_CHECK(found->verdict == rules::Action::block);
}
