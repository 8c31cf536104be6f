// What the service and its helper program say to each other.
#include "proxy/lists/fetch_message.hpp"

#include <boost/test/unit_test.hpp>

using namespace paravent::lists;

namespace {

FetchRequest request()
{
    FetchRequest out;
    out.url = "https://lists.example/a.txt";
    out.etag = "W/\"a b\"";
    out.last_modified = "Tue, 24 Nov 2026 09:00:00 GMT";
    out.insecure = true;
    out.trust = "/etc/a b.pem";
    out.upstream = "socks5h://[::1]:1080";
    out.upstream_user = "me";
    out.upstream_password = "s p";
    out.connect = std::chrono::seconds{20};
    out.idle = std::chrono::seconds{60};
    out.whole = std::chrono::minutes{5};
    return out;
}

FetchReply reply()
{
    FetchReply out;
    out.kind = FetchReply::Kind::text;
    out.etag = "\"x\"";
    out.last_modified = "now";
    out.rules = 12;
    out.expires = std::chrono::hours{96};
    out.length = 1234;
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(fetch_messages)

BOOST_AUTO_TEST_CASE(a_request_arrives_as_it_was_sent)
{
    const auto text = text_of(request());
    std::size_t length = 0;
    const auto read = read_request(text, length);
    BOOST_REQUIRE(read);
    BOOST_TEST(length == text.size());
    BOOST_TEST(text_of(*read) == text);
    BOOST_TEST(read->upstream_password == "s p");
    BOOST_TEST(read->insecure);
    BOOST_TEST((read->whole == std::chrono::minutes{5}));
}

BOOST_AUTO_TEST_CASE(a_reply_arrives_as_it_was_sent_and_the_text_behind_it_is_not_taken)
{
    const auto text = text_of(reply());
    std::size_t length = 0;
    const auto read = read_reply(text + "||host^\n\n", length);
    BOOST_REQUIRE(read);
    BOOST_TEST(length == text.size());
    BOOST_TEST(text_of(*read) == text);
    BOOST_TEST(read->length == 1234u);
    BOOST_TEST((read->expires == std::chrono::hours{96}));
}

BOOST_AUTO_TEST_CASE(a_message_is_taken_whole_or_not_at_all)
{
    const auto text = text_of(reply());
    for (std::size_t n = 0; n < text.size(); ++n) {
        std::size_t length = 1;
        BOOST_TEST(read_reply(std::string_view(text).substr(0, n), length).has_value());
        BOOST_TEST(length == 0u);
    }
}

BOOST_AUTO_TEST_CASE(what_is_no_message_is_refused)
{
    std::size_t length = 0;
    for (const std::string_view text :
         {"kind word\n\n", "length 1x\n\n", "length -1\n\n", "length 99999999999\n\n",
          "length 18446744073709551616\n\n", "rules\n\n", "unknown 1\n\n", "etag a\x1b[31m\n\n", "<html>\n\n"})
        BOOST_TEST(!read_reply(text, length).has_value(), text);
    BOOST_TEST(!read_reply(std::string(largest_message, 'a'), length).has_value());
    BOOST_TEST(!read_request("connect 99999999999\n\n", length).has_value());
    BOOST_TEST(!read_request("insecure perhaps\n\n", length).has_value());
}

BOOST_AUTO_TEST_CASE(no_value_breaks_a_line)
{
    auto hostile = request();
    hostile.etag = "a\ninsecure yes";
    hostile.insecure = false;
    std::size_t length = 0;
    const auto read = read_request(text_of(hostile), length);
    BOOST_REQUIRE(read);
    BOOST_TEST(read->etag == "");
    BOOST_TEST(!read->insecure);
}

BOOST_AUTO_TEST_CASE(an_error_is_one_line_of_printable_text)
{
    FetchReply bad;
    bad.error = "leads to \x1b[31m\n\xc3\xa9" + std::string(1000, 'x');
    std::size_t length = 0;
    const auto read = read_reply(text_of(bad), length);
    BOOST_REQUIRE(read);
    BOOST_TEST((read->kind == FetchReply::Kind::error));
    BOOST_TEST(read->error.starts_with("leads to ?[31m???xx"));
    BOOST_TEST(read->error.size() == 300u);
}

BOOST_AUTO_TEST_SUITE_END()
