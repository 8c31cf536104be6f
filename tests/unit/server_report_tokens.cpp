#include "proxy/server/report_tokens.hpp"

#include <openssl/evp.h>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using paravent::server::ReportTokens;

namespace {

/// What the stand-in does with the pad, in its words.
std::string sealed(const std::string& text, const std::string& pad)
{
    std::string key(pad.size(), '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(key.data()), reinterpret_cast<const unsigned char*>(pad.data()),
                    static_cast<int>(pad.size()));
    std::string mixed;
    for (std::size_t i = 0; i < text.size(); ++i)
        mixed += static_cast<char>(text[i] ^ key[i]);
    std::string out(4 * (mixed.size() / 3 + 1) + 1, '\0');
    out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                        reinterpret_cast<const unsigned char*>(mixed.data()),
                                                        static_cast<int>(mixed.size()))));
    for (auto& c : out)
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    out.erase(out.find_last_not_of('=') + 1);
    return out;
}

const std::string form = "id=1&ev=Purchase&dl=https%3A%2F%2Fshop.example%2F";

} // namespace

BOOST_AUTO_TEST_SUITE(report_tokens)

BOOST_AUTO_TEST_CASE(a_report_with_its_token_is_read_once)
{
    ReportTokens tokens;
    const auto given = tokens.give("d3f1", 1000);
    const auto report = sealed(form, given.pad);
    BOOST_TEST(tokens.open(given.token, report, "d3f1", 2000).value_or("") == form);
    BOOST_TEST(!tokens.open(given.token, report, "d3f1", 2000));
}

BOOST_AUTO_TEST_CASE(a_report_of_every_length_up_to_the_bound_is_read)
{
    ReportTokens tokens;
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1001},
                                   ReportTokens::most_bytes - 1, ReportTokens::most_bytes}) {
        const auto given = tokens.give("d3f1", 0);
        const std::string text(size, 'x');
        BOOST_TEST(tokens.open(given.token, sealed(text, given.pad), "d3f1", 0).value_or("") == text);
    }
    const auto given = tokens.give("d3f1", 0);
    BOOST_TEST(!tokens.open(given.token, std::string(4 * ReportTokens::most_bytes / 3 + 1, 'A'), "d3f1", 0));
}

BOOST_AUTO_TEST_CASE(a_token_is_good_for_seconds_and_for_its_device)
{
    ReportTokens tokens;
    const auto open = [&](std::string_view device, std::int64_t at) {
        const auto given = tokens.give("d3f1", 50'000);
        return tokens.open(given.token, sealed(form, given.pad), device, at).has_value();
    };
    BOOST_TEST(open("d3f1", 50'000));
    BOOST_TEST(open("d3f1", 50'000 + ReportTokens::good_for_ms));
    BOOST_TEST(!open("d3f1", 50'001 + ReportTokens::good_for_ms));
    BOOST_TEST(!open("d3f1", 49'999));
    BOOST_TEST(!open("d3f2", 50'000));
    BOOST_TEST(!open("", 50'000));
}

BOOST_AUTO_TEST_CASE(a_forged_token_is_none)
{
    ReportTokens tokens, others;
    const auto given = tokens.give("d3f1", 0);
    const auto report = sealed(form, given.pad);
    BOOST_TEST(!others.open(given.token, report, "d3f1", 0)); // of a process that ran before
    for (std::size_t i = 0; i < given.token.size(); ++i) {
        auto forged = given.token;
        forged[i] = forged[i] == '0' ? '1' : '0';
        BOOST_TEST(!tokens.open(forged, report, "d3f1", 0));
    }
    BOOST_TEST(!tokens.open("", report, "d3f1", 0));
    BOOST_TEST(!tokens.open(given.token + "0", report, "d3f1", 0));
    BOOST_TEST(!tokens.open(given.token, report + "=", "d3f1", 0));
    BOOST_TEST(tokens.open(given.token, report, "d3f1", 0).has_value()); // and none of that used it up
}

BOOST_AUTO_TEST_CASE(a_device_has_one_password_in_the_life_of_a_process)
{
    ReportTokens tokens, others;
    BOOST_TEST(tokens.password("d3f1") == tokens.password("d3f1"));
    BOOST_TEST(tokens.password("d3f1") != tokens.password("d3f2"));
    BOOST_TEST(tokens.password("d3f1") != others.password("d3f1"));
    BOOST_TEST(tokens.password("d3f1").size() == 32u);
}

BOOST_AUTO_TEST_CASE(no_two_pads_are_the_same_and_none_shows_the_report)
{
    ReportTokens tokens;
    std::set<std::string> pads, reports;
    for (int i = 0; i < 20; ++i) {
        const auto given = tokens.give("d3f1", 0);
        pads.insert(given.pad);
        reports.insert(sealed(form, given.pad));
    }
    BOOST_TEST(pads.size() == 20u);
    BOOST_TEST(reports.size() == 20u);
}

BOOST_AUTO_TEST_CASE(what_is_remembered_of_tokens_is_bounded_and_forgotten)
{
    ReportTokens tokens;
    const auto open = [&](std::int64_t at) {
        const auto given = tokens.give("d3f1", at);
        return tokens.open(given.token, sealed("x", given.pad), "d3f1", at).has_value();
    };
    for (std::size_t i = 0; i < ReportTokens::most_taken; ++i)
        BOOST_REQUIRE(open(0));
    BOOST_TEST(!open(0));
    BOOST_TEST(open(ReportTokens::good_for_ms + 1));
}

BOOST_AUTO_TEST_SUITE_END()
