#include "proxy/dashboard/lone_surrogates.hpp"
#include "proxy/dashboard/recorded.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace dashboard = paravent::dashboard;

BOOST_AUTO_TEST_CASE(base64_is_read_strictly_but_for_line_ends)
{
    const auto bytes = [](std::string_view text) {
        std::string out;
        return dashboard::decode_base64(text, out) ? out : std::string{"none"};
    };
    BOOST_TEST(bytes("") == "");
    BOOST_TEST(bytes("YQ==") == "a");
    BOOST_TEST(bytes("YWI=") == "ab");
    BOOST_TEST(bytes("YWJj") == "abc");
    BOOST_TEST(bytes("YW\r\nJj") == "abc");
    BOOST_TEST(bytes("YQ") == "a");
    BOOST_TEST(bytes("-_+/") == "\xfb\xff\xbf");
    for (const auto* wrong : {"Y", "YWJjY", "YQ==YQ", "Y!==", "\x01"})
        BOOST_TEST(bytes(wrong) == "none", wrong);
}

BOOST_AUTO_TEST_CASE(half_a_character_becomes_a_replacement)
{
    const auto repaired = [](std::string text) {
        BOOST_TEST(dashboard::replace_lone_surrogates(text, true) == text.size());
        return text;
    };
    BOOST_TEST(repaired(R"("\ud83d")") == R"("\ufffd")");
    BOOST_TEST(repaired(R"("\ude00")") == R"("\ufffd")");
    BOOST_TEST(repaired(R"("\ud83d\ude00")") == R"("\ud83d\ude00")");
    BOOST_TEST(repaired(R"("\ud83d\ud83d\ude00")") == R"("\ufffd\ud83d\ude00")");
    BOOST_TEST(repaired(R"("\\ud83d \u00e9\" \")") == R"("\\ud83d \u00e9\" \")");
    BOOST_TEST(repaired(R"(\)") == R"(\)");
    BOOST_TEST(repaired(R"(\ud8)") == R"(\ud8)");
    // What may still become whole is left for the next piece.
    std::string text = R"("abc\ud83d)";
    BOOST_TEST(dashboard::replace_lone_surrogates(text, false) == 4u);
    BOOST_TEST(text == R"("abc\ud83d)");
}

BOOST_AUTO_TEST_CASE(fields_are_taken_in_any_case_and_joined)
{
    dashboard::RecordedRequest request;
    request.take_field("COOKIE", "a=1");
    request.take_field("cookie", "c_user=2");
    request.take_field("Content-Encoding", "gzip");
    request.take_field("User-Agent", "x");
    BOOST_TEST(request.cookies == "a=1; c_user=2");
    BOOST_TEST(request.content_encoding == "gzip");
}

BOOST_AUTO_TEST_CASE(a_request_that_tells_meta_nothing_prints_nothing)
{
    dashboard::RecordedRequest request;
    request.number = 7;
    for (const auto* url : {"https://shop.example/", "", "data:,x", "about:blank", "https://%", "x"}) {
        request.url = url;
        BOOST_TEST(dashboard::decoded_lines(request) == "");
    }
    request.url = "https://WWW.Facebook.com:443/tr?id=1&ev=Lead";
    const auto line = dashboard::decoded_lines(request);
    BOOST_TEST(line.starts_with(R"({"request": 7,)"));
    BOOST_TEST(line.find(R"("name": "Lead")") != std::string::npos);
    BOOST_TEST(line.ends_with("}\n"));
    for (const auto* unknown : {"\"id\"", "\"time\"", "\"verdict\"", "\"rule\""})
        BOOST_TEST(line.find(unknown) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(only_what_goes_over_the_web_is_a_request)
{
    dashboard::RecordedRequest request;
    for (const auto* url : {"chrome-extension://abc/tr?id=1&ev=X", "blob:https://www.facebook.com/tr?id=1&ev=X",
                            "file://www.facebook.com/tr?id=1&ev=X", "ftp://www.facebook.com/tr?id=1&ev=X"}) {
        request.url = url;
        BOOST_TEST(dashboard::decoded_lines(request) == "", url);
    }
    request.url = "HTTP://www.facebook.com/tr?id=1&ev=X";
    BOOST_TEST(dashboard::decoded_lines(request) != "");
}

BOOST_AUTO_TEST_CASE(the_page_is_the_first_that_is_an_address)
{
    dashboard::RecordedRequest request;
    request.url = "https://www.facebook.com/tr?id=1&ev=X";
    request.referer = "https://shop.example/cart";
    for (const auto* frame : {"about:srcdoc", "about:blank", "null", "chrome-extension://abc/x.html", ""}) {
        request.page = frame;
        BOOST_TEST(dashboard::decoded_lines(request).find(R"("site": "shop.example")") != std::string::npos, frame);
    }
}

BOOST_AUTO_TEST_CASE(a_preflight_prints_nothing)
{
    dashboard::RecordedRequest request;
    request.url = "https://www.facebook.com/tr?id=1&ev=Purchase";
    request.method = "OPTIONS";
    BOOST_TEST(dashboard::decoded_lines(request) == "");
}

BOOST_AUTO_TEST_CASE(a_body_in_a_coding_that_is_not_read_is_said)
{
    dashboard::RecordedRequest request;
    request.url = "https://www.facebook.com/tr";
    request.method = "POST";
    for (const auto* coding : {"br", "zstd", "gzip, br"}) {
        request.content_encoding = coding;
        request.body = std::string("\x1b\x0f\x00\xf8\x8d", 5) + " id=1&ev=Lead";
        auto line = dashboard::decoded_lines(request);
        BOOST_TEST(line.find(R"("body_cut": true)") != std::string::npos, line);
        BOOST_TEST(line.find("Lead") == std::string::npos, line);
        request.body = "id=1&ev=Lead&cd[x]=\xc3\xa9"; // written down before it was packed
        line = dashboard::decoded_lines(request);
        BOOST_TEST(line.find("body_cut") == std::string::npos, line);
        BOOST_TEST(line.find("Lead") != std::string::npos, line);
    }
}
