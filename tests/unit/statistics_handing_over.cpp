#include "statistics_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <set>
#include <vector>

using namespace paravent;
using namespace paravent::statistics;
using config::Privacy;

namespace {

std::int64_t recorded(Recorder& recorder, const char* site)
{
    return recorder.record(event(site), Privacy::events);
}

std::vector<std::int64_t> ids_of(const Recorder& recorder)
{
    EventQuery query;
    query.limit = 500;
    std::vector<std::int64_t> ids;
    for (const auto& one : recorder.events(query).items)
        ids.push_back(one.id);
    return ids;
}

} // namespace

BOOST_AUTO_TEST_SUITE(handing_over)

BOOST_AUTO_TEST_CASE(two_processes_give_different_ids_and_all_of_it_is_kept)
{
    const DatabaseFolder folder;
    auto before = std::make_unique<Recorder>(options_for(folder));
    std::set<std::int64_t> given;
    for (int i = 0; i < 10; ++i)
        given.insert(recorded(*before, "before.example"));
    before->hand_over();
    Recorder after(options_for(folder));
    BOOST_TEST(ids_of(after).size() == 10u); // written before it was handed over
    for (int i = 0; i < 10; ++i) {
        const auto late = recorded(*before, "late.example");
        const auto next = recorded(after, "after.example");
        BOOST_TEST(next > late);
        given.insert({late, next});
    }
    BOOST_TEST(given.size() == 30u);
    before.reset(); // what it had left is written at its end
    const auto ids = ids_of(after);
    BOOST_TEST(std::set(ids.begin(), ids.end()) == given, boost::test_tools::per_element());
    BOOST_TEST(after.stats({}).total.requests == 30u);
    BOOST_TEST(recorded(after, "after.example") > *given.rbegin());
}

BOOST_AUTO_TEST_CASE(what_is_taken_back_goes_on_above_all_ids_and_renames_none)
{
    const DatabaseFolder folder;
    Recorder recorder(options_for(folder));
    recorded(recorder, "before.example");
    recorder.hand_over();
    const auto meanwhile = recorded(recorder, "meanwhile.example");
    std::int64_t theirs = 0;
    {
        Recorder other(options_for(folder));
        theirs = recorded(other, "theirs.example");
    }
    recorder.take_back();
    const auto afterwards = recorded(recorder, "afterwards.example");
    BOOST_TEST(afterwards > theirs);
    recorder.flush();
    const auto ids = ids_of(recorder);
    BOOST_TEST(ids.size() == 4u);
    BOOST_TEST(std::count(ids.begin(), ids.end(), meanwhile) == 1);
    BOOST_TEST(recorder.stats({}).total.requests == 4u);
    BOOST_TEST((recorder.database().state == DatabaseState::State::ok));
}

BOOST_AUTO_TEST_CASE(a_guest_waits_for_a_database_that_is_not_there_and_makes_none)
{
    const DatabaseFolder folder;
    auto guest = std::make_unique<Recorder>(options_for(folder));
    recorded(*guest, "before.example");
    guest->hand_over();
    for (const char* part : {"", "-wal", "-shm"})
        std::filesystem::remove(options_for(folder).database.string() + part);
    recorded(*guest, "late.example");
    guest->flush();
    BOOST_TEST(!std::filesystem::exists(options_for(folder).database));
    BOOST_CHECK_THROW(guest->copy_to(options_for(folder).database.string() + ".copy"), std::runtime_error);
    Recorder owner(options_for(folder));
    guest.reset();
    BOOST_TEST(owner.stats({}).total.requests == 1u);
}

BOOST_AUTO_TEST_CASE(a_guest_keeps_to_its_ids)
{
    const DatabaseFolder folder;
    auto options = options_for(folder);
    options.max_rows_a_day = 1'000'000;
    auto guest = std::make_unique<Recorder>(options);
    recorded(*guest, "before.example");
    guest->hand_over();
    Recorder owner(options);
    const auto first_of_owner = recorded(owner, "owner.example");
    std::int64_t last = 0, none = 0;
    for (int i = 0; i < 70'000; ++i) {
        const auto id = recorded(*guest, "flood.example");
        (id == 0 ? none : last) = id == 0 ? none + 1 : id;
        if (i % 5000 == 0)
            guest->flush();
    }
    BOOST_TEST(last < first_of_owner);
    BOOST_TEST(none > 0);
    guest->flush();
    BOOST_TEST(guest->database().dropped == static_cast<std::uint64_t>(none));
    BOOST_TEST(owner.stats({}).total.requests == 70'002u); // counted all the same
}

BOOST_AUTO_TEST_SUITE_END()
