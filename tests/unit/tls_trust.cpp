#include "tests/unit/tls_home.hpp"

#include "proxy/tls/kept.hpp"
#include "proxy/tls/trust.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sys/stat.h>

using namespace paravent::tls;

namespace {

struct Authorities {
    std::shared_ptr<const Authority> first = an_authority(), second = an_authority();
    AuthorityList only{first}, both{second, first}; ///< newest first
};

} // namespace

BOOST_AUTO_TEST_SUITE(trust)

BOOST_AUTO_TEST_CASE(each_device_is_served_from_the_authority_it_has_proved_to_trust)
{
    const Authorities a;
    TrustMemory memory;
    memory.proved("phone", a.first->id(), 1);
    memory.proved("laptop", a.first->id(), 1);
    memory.proved("laptop", a.second->id(), 2);
    BOOST_TEST(memory.choose("phone", a.only, today * 1000).authority == a.first);
    BOOST_TEST(memory.choose("phone", a.both, today * 1000).authority == a.first); // not locked out by the second
    BOOST_TEST(memory.choose("phone", a.both, today * 1000).proved);
    BOOST_TEST(memory.choose("laptop", a.both, today * 1000).authority == a.second);
    memory.proved("phone", a.second->id(), 3);
    BOOST_TEST(memory.choose("phone", a.both, today * 1000).authority == a.second);
    memory.forget_authority(a.second->id());
    BOOST_TEST(memory.choose("phone", a.only, today * 1000).authority == a.first);
}

BOOST_AUTO_TEST_CASE(a_device_that_proved_nothing_is_not_taken_to_have)
{
    const Authorities a;
    TrustMemory memory;
    BOOST_TEST(memory.choose("phone", a.both, today * 1000).authority ==
               a.first); // it was prepared before there was a second
    BOOST_TEST(!memory.choose("phone", a.both, today * 1000).proved);
    memory.refused("phone", a.first->id(), 1);
    BOOST_TEST(memory.choose("phone", a.both, today * 1000).authority == a.second);
    BOOST_TEST(memory.choose("phone", a.only, today * 1000).authority == nullptr);
    memory.proved("phone", a.first->id(), 2); // it was installed at last
    BOOST_TEST(memory.choose("phone", a.only, today * 1000).proved);
    memory.refused("phone", a.first->id(), 3); // and taken off again
    BOOST_TEST(!memory.choose("phone", a.only, today * 1000).proved);
    BOOST_TEST(memory.choose("phone", {}, today * 1000).authority == nullptr);
}

BOOST_AUTO_TEST_CASE(one_that_is_not_valid_now_is_no_way_to_serve_anybody)
{
    const Authorities a;
    const AuthorityList early{an_authority(today + 30 * day), a.first}, early_alone{early.front()};
    TrustMemory memory;
    memory.proved("laptop", a.first->id(), 1);
    memory.proved("laptop", early.front()->id(), 2);
    BOOST_TEST(memory.choose("laptop", early, today * 1000).authority == a.first);
    BOOST_TEST(memory.choose("laptop", early, (today + 40 * day) * 1000).authority == early.front());
    BOOST_TEST(memory.probe("phone", early, today * 1000) == a.first);
    BOOST_TEST(memory.probe("phone", early, (today + 40 * day) * 1000) == early.front());
    BOOST_TEST(memory.probe("phone", early_alone, today * 1000) == nullptr);
    // What it trusts is not replaced by what it may not know.
    memory.proved("tablet", early.front()->id(), 1);
    BOOST_TEST(memory.choose("tablet", early, today * 1000).authority == early.front());
}

BOOST_AUTO_TEST_CASE(proofs_survive_a_restart)
{
    const Authorities a;
    const StateFolder state;
    const auto file = state.path() / "trust.json";
    {
        Kept<TrustMemory> kept(file);
        BOOST_TEST(!kept.save());
        BOOST_TEST(!std::filesystem::exists(file)); // nothing happened, nothing is written
        kept.memory.proved("phone", a.second->id(), 5);
        BOOST_TEST(!kept.save());
        struct stat status{};
        BOOST_TEST(::stat(file.c_str(), &status) == 0);
        BOOST_TEST((status.st_mode & 0777) == 0600U);
        const auto version = kept.memory.version();
        kept.memory.proved("phone", a.second->id(), 6);
        BOOST_TEST(kept.memory.version() == version); // the same again is not worth a write
    }
    Kept<TrustMemory> again(file);
    BOOST_TEST(again.memory.choose("phone", a.both, today * 1000).authority == a.second);
    BOOST_TEST(again.memory.choose("phone", a.both, today * 1000).proved);
    again.memory.forget_device("phone");
    BOOST_TEST(!again.memory.choose("phone", a.both, today * 1000).proved);
    BOOST_TEST(!again.save());
    std::ofstream(file) << "{\"trust\":[{\"device\":7},8]}";
    BOOST_TEST(!Kept<TrustMemory>(file).memory.choose("phone", a.both, today * 1000).proved);
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    again.memory.proved("phone", a.first->id(), 7);
    BOOST_TEST(!!again.save());
}

BOOST_AUTO_TEST_CASE(proofs_are_bounded)
{
    const Authorities a;
    TrustMemory memory;
    for (int i = 0; i < 5000; ++i)
        memory.proved(std::to_string(i), a.first->id(), i);
    BOOST_TEST(!memory.choose("0", a.only, today * 1000).proved);
    BOOST_TEST(memory.choose("4999", a.only, today * 1000).proved);
    for (int i = 0; i < 100; ++i)
        memory.proved("4999", std::to_string(i), 10'000 + i);
    BOOST_TEST(memory.text().size() < 5000U * 120);
}

BOOST_AUTO_TEST_SUITE_END()
