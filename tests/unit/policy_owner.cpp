// What the owner changes: answers, names, pauses, exceptions, lists, forgetting.
#include "policy_house.hpp"
#include "proxy/policy/exceptions.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <limits>

using namespace paravent;
using namespace paravent::policy;

namespace {

constexpr std::int64_t far = std::int64_t{1} << 52;

/// Whether the text of a PolicyError holds that part.
auto says(std::string part)
{
    return [part](const PolicyError& error) {
        BOOST_TEST_CONTEXT(error.what()) BOOST_TEST((std::string(error.what()).find(part) != std::string::npos));
        return true;
    };
}

DeviceChange named(std::string name)
{
    DeviceChange change;
    change.name = std::move(name);
    return change;
}

Exception allow(std::string site, std::string device = "", std::optional<std::int64_t> until = {})
{
    return {"", std::move(site), std::move(device), until, rules::Action::allow};
}

} // namespace

BOOST_AUTO_TEST_SUITE(owner)

BOOST_FIXTURE_TEST_CASE(an_answer_of_the_owner_wins_over_the_file_and_can_be_taken_back, House)
{
    settings.devices = {entry("Anna", "192.168.1.20", "", Profile::log)};
    settings.devices[0].facebook_login = true;
    start();
    const std::string id = policy().meet("192.168.1.20")->device.id;
    DeviceChange change;
    change.profile = Profile::strict;
    change.facebook_login = false;
    change.privacy = Privacy::counters;
    BOOST_CHECK(policy().change("anna", change).profile == Profile::strict);
    restart();
    Device device = policy().device(id);
    BOOST_CHECK(device.profile == Profile::strict);
    BOOST_TEST(!device.facebook_login);
    BOOST_CHECK(device.privacy == Privacy::counters);

    DeviceChange back;
    back.profile.emplace();
    back.facebook_login.emplace();
    device = policy().change(id, back);
    BOOST_CHECK(device.profile == Profile::log);
    BOOST_TEST(device.facebook_login);
    BOOST_CHECK(device.privacy == Privacy::counters); // was not asked about
    BOOST_CHECK(policy().meet("192.168.1.20")->rulings.ruling == rulings_of(Profile::log, true, true).ruling);
}

BOOST_FIXTURE_TEST_CASE(a_pause_counts_as_off_until_it_ends, House)
{
    policy().meet("192.168.1.20");
    DeviceChange pause;
    pause.paused_until_ms = far;
    policy().change("192.168.1.20", pause);
    const auto client = policy().view()->client("192.168.1.20");
    BOOST_TEST(client->unjudged(far - 1));
    BOOST_TEST(!client->unjudged(far));
    BOOST_CHECK(client->device.profile == Profile::standard);
    restart();
    BOOST_TEST(policy().device("192.168.1.20").paused_until_ms.value() == far);
    DeviceChange ended;
    ended.paused_until_ms = std::int64_t{1};
    BOOST_TEST(!policy().change("192.168.1.20", ended).paused_until_ms);
}

BOOST_FIXTURE_TEST_CASE(a_name_is_unique_whatever_its_case, House)
{
    const std::string a = policy().meet("192.168.1.20")->device.id;
    policy().meet("192.168.1.21");
    policy().change(a, named("Küche"));
    BOOST_CHECK_EXCEPTION(policy().change("192.168.1.21", named("KÜCHE")), PolicyError,
                          says("another device is called"));
    BOOST_TEST(policy().device("kÜche").id == a);
    BOOST_TEST(policy().change(a, named("  Kitchen ")).name == "Kitchen");
    BOOST_TEST(policy().change("192.168.1.21", named("küche")).name == "küche");
    BOOST_TEST(policy().change(a, named("")).name == "");
}

BOOST_FIXTURE_TEST_CASE(a_name_of_the_file_that_the_owner_gave_to_another_gets_a_number, House)
{
    policy().meet("192.168.1.20");
    policy().change("192.168.1.20", named("tv"));
    settings.devices = {entry("TV", "192.168.1.30", ""), entry("Radio", "192.168.1.31", "")};
    policy().configure(settings);
    BOOST_TEST(policy().device("192.168.1.30").name == "TV (2)");
    BOOST_TEST(policy().device("tv").addresses.front() == "192.168.1.20");
}

BOOST_DATA_TEST_CASE_F(House, a_name_that_could_mislead_is_refused,
                       (boost::unit_test::data::make<std::string>({" ", "192.168.1.9", "fe80::1", "AA:bb:cc:dd:ee:ff",
                                                                   "a\x1b[31mb", "a\nb", "\xff", "\xc0\xaf",
                                                                   "\xed\xa0\x80",
                                                                   "a\xe2\x80\xae"
                                                                   "b",
                                                                   std::string(65, 'x')})),
                       name)
{
    policy().meet("192.168.1.20");
    BOOST_CHECK_THROW(policy().change("192.168.1.20", named(name)), PolicyError);
    BOOST_TEST(policy().device("192.168.1.20").name == "");
}

BOOST_FIXTURE_TEST_CASE(a_device_is_not_named_like_anothers_id, House)
{
    const std::string id = policy().meet("192.168.1.20")->device.id;
    policy().meet("192.168.1.21");
    BOOST_CHECK_THROW(policy().change("192.168.1.21", named(id)), PolicyError);
}

BOOST_FIXTURE_TEST_CASE(an_unknown_device_is_told_with_those_that_look_alike, House)
{
    const std::string id = policy().meet("192.168.1.20")->device.id;
    policy().meet("192.168.1.21");
    policy().change(id, named("Anna's phone"));
    policy().change("192.168.1.21", named("printer"));
    BOOST_CHECK_EXCEPTION(policy().device("anna"), PolicyError, says("did you mean Anna's phone (" + id + ")?"));
    BOOST_CHECK_EXCEPTION(policy().device("pinter"), PolicyError, says("did you mean printer ("));
    BOOST_CHECK_EXCEPTION(policy().device("washing machine"), PolicyError, says("\"washing machine\""));
    BOOST_TEST(policy().devices().size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(an_address_not_seen_yet_makes_the_device, House)
{
    answer("192.168.1.50", "aa:00:00:00:00:05");
    const std::string id = policy().change("192.168.1.50", named("Tablet")).id;
    const Device device = policy().device(id);
    BOOST_TEST(device.mac == "aa:00:00:00:00:05");
    BOOST_TEST(device.last_seen_ms == 0);
    BOOST_TEST(policy().meet("192.168.1.50")->device.name == "Tablet");
}

BOOST_FIXTURE_TEST_CASE(devices_come_latest_seen_first, House)
{
    const std::string a = policy().meet("192.168.1.20")->device.id, b = policy().meet("192.168.1.21")->device.id;
    policy().seen(a, far);
    BOOST_TEST(policy().devices().front().id == a);
    policy().seen(b, far + 1);
    policy().seen(a, 1); // a late message
    BOOST_TEST(policy().devices().front().id == b);
    BOOST_TEST(policy().devices().back().last_seen_ms == far);
}

BOOST_FIXTURE_TEST_CASE(trust_is_kept, House)
{
    const std::string id = policy().meet("192.168.1.20")->device.id;
    policy().set_trust(id, Device::Trust::yes);
    BOOST_CHECK(policy().view()->client("192.168.1.20")->device.trust == Device::Trust::yes);
    restart();
    BOOST_CHECK(policy().device(id).trust == Device::Trust::yes);
}

BOOST_FIXTURE_TEST_CASE(an_exception_is_completed_and_kept, House)
{
    const std::string id = policy().meet("192.168.1.20")->device.id;
    const Exception made = policy().add(allow("WWW.Bücher.example.", "192.168.1.20", far));
    BOOST_TEST(made.site == "www.xn--bcher-kva.example");
    BOOST_TEST(made.device == id);
    BOOST_TEST(!made.id.empty());
    policy().add(allow("shop.example"));
    restart();
    const auto all = policy().exceptions();
    BOOST_REQUIRE(all.size() == 2u);
    BOOST_TEST(all[0].site == "shop.example"); // newest first
    BOOST_TEST(all[1].id == made.id);
    BOOST_TEST(all[1].until_ms.value() == far);
    BOOST_TEST(policy().remove_exception(made.id));
    BOOST_TEST(!policy().remove_exception(made.id));
    BOOST_TEST(policy().add(allow("other.example")).id != made.id);
    BOOST_TEST(policy().exceptions().size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(an_exception_reaches_the_clients_it_is_for, House)
{
    policy().meet("192.168.1.20");
    policy().meet("192.168.1.21");
    policy().add(allow("shop.example", "192.168.1.20"));
    policy().add(allow("all.example"));
    BOOST_TEST(policy().view()->client("192.168.1.20")->exceptions.size() == 2u);
    BOOST_TEST(policy().view()->client("192.168.1.21")->exceptions.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_an_exception_is_refused, House)
{
    BOOST_CHECK_EXCEPTION(policy().add(allow("https://shop.example/x")), PolicyError, says("is no site"));
    BOOST_CHECK_EXCEPTION(policy().add(allow("")), PolicyError, says("is no site"));
    BOOST_CHECK_EXCEPTION(policy().add(allow("shop.example", "", 1)), PolicyError, says("already over"));
    BOOST_CHECK_EXCEPTION(policy().add(allow("shop.example", "nobody")), PolicyError, says("nobody"));
    Exception odd = allow("shop.example");
    odd.verdict = rules::Action::answer;
    BOOST_CHECK_EXCEPTION(policy().add(odd), PolicyError, says("allows or blocks"));
    BOOST_TEST(policy().exceptions().empty());
}

BOOST_FIXTURE_TEST_CASE(the_last_word_about_a_site_and_device_counts, House)
{
    policy().add(allow("shop.example"));
    Exception block = allow("shop.example");
    block.verdict = rules::Action::block;
    policy().add(block);
    BOOST_REQUIRE(policy().exceptions().size() == 1u);
    BOOST_CHECK(policy().exceptions()[0].verdict == rules::Action::block);
}

BOOST_AUTO_TEST_CASE(there_are_at_most_1000_exceptions_and_those_that_ended_make_room)
{
    Exceptions exceptions;
    exceptions.add(allow("ended.example", "", 50), 10);
    for (std::size_t i = 1; i < Exceptions::limit; ++i)
        exceptions.add(allow("s" + std::to_string(i) + ".example"), 10);
    BOOST_CHECK_THROW(exceptions.add(allow("one-more.example"), 49), PolicyError);
    exceptions.add(allow("one-more.example"), 50);
    BOOST_TEST(exceptions.all().size() == Exceptions::limit);
}

BOOST_FIXTURE_TEST_CASE(a_list_is_switched_and_handed_back_to_the_file, House)
{
    BOOST_TEST(!policy().list_enabled("meta-ai").has_value());
    policy().set_list_enabled("meta-ai", true);
    policy().set_list_enabled("easyprivacy", false);
    restart();
    BOOST_TEST(policy().list_enabled("meta-ai").value());
    BOOST_TEST(!policy().list_enabled("easyprivacy").value());
    policy().set_list_enabled("meta-ai", std::nullopt);
    restart();
    BOOST_TEST(!policy().list_enabled("meta-ai").has_value());
    BOOST_CHECK_THROW(policy().set_list_enabled("\xff", true), PolicyError);
}

BOOST_FIXTURE_TEST_CASE(a_forgotten_device_leaves_nothing_in_the_file, House)
{
    answer("192.168.1.20", "aa:00:00:00:00:01");
    const std::string id = policy().meet("192.168.1.20")->device.id;
    policy().change(id, named("Anna"));
    policy().add(allow("shop.example", id));
    policy().meet("192.168.1.21");
    BOOST_TEST(read(file).find("Anna") != std::string::npos);
    policy().forget_device(id);
    const std::string text = read(file);
    for (const char* trace : {"Anna", "192.168.1.20", "aa:00", "shop.example"})
        BOOST_TEST((text.find(trace) == std::string::npos), trace);
    BOOST_TEST(text.find("192.168.1.21") != std::string::npos);
    BOOST_TEST(!policy().view()->client("192.168.1.20"));
    BOOST_TEST(policy().meet("192.168.1.20")->device.id != id);
}

BOOST_FIXTURE_TEST_CASE(all_devices_are_forgotten_but_the_file_describes_its_own_anew, House)
{
    settings.devices = {entry("TV", "192.168.1.30", "", Profile::strict)};
    start();
    const std::string tv = policy().meet("192.168.1.30")->device.id;
    policy().meet("192.168.1.20");
    policy().add(allow("shop.example", tv));
    policy().add(allow("everyone.example"));
    write(state / "policy.json.broken-20260101T000000", "192.168.1.20");
    policy().forget_device("");
    BOOST_REQUIRE(policy().devices().size() == 1u);
    BOOST_TEST(policy().devices()[0].name == "TV");
    BOOST_TEST(policy().devices()[0].id != tv);
    BOOST_TEST(policy().devices()[0].addresses.empty());
    BOOST_REQUIRE(policy().exceptions().size() == 1u);
    BOOST_TEST(policy().exceptions()[0].site == "everyone.example");
    BOOST_TEST(!std::filesystem::exists(state / "policy.json.broken-20260101T000000"));
    BOOST_CHECK(policy().meet("192.168.1.30")->device.profile == Profile::strict);
}

BOOST_AUTO_TEST_SUITE_END()
