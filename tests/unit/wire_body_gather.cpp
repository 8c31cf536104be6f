#include "proxy/wire/http1.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace paravent::wire;
using namespace paravent::wire::http1;

namespace {

struct Gathered {
    std::string payload, left;
    std::size_t pieces = 0;
    bool done = false, failed = false;
};

/// Feeds `bytes` cut once at `cut`, as two reads of a socket bring them.
Gathered gather(BodyReader reader, const std::string& bytes, std::size_t cut)
{
    Gathered out;
    std::string buffered;
    for (const auto& read : {bytes.substr(0, cut), bytes.substr(cut)}) {
        buffered += read;
        const auto piece = reader.gather(buffered);
        if (!piece) {
            out.failed = true;
            return out;
        }
        out.payload += piece->payload;
        out.pieces += !piece->payload.empty();
        buffered.erase(0, piece->consumed);
    }
    out.left = buffered;
    out.done = reader.done();
    return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(chunks_that_are_there_together_are_one_payload_however_they_are_cut)
{
    const std::string bytes = "1\r\na\r\n3;x=y\r\nbcd\r\n00002\r\nef\r\n1\r\ng\r\n0\r\nX: y\r\n\r\nnext";
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        const auto all = gather({Framing::chunked, 0}, bytes, cut);
        BOOST_TEST(all.payload == "abcdefg", "cut at " << cut << ": " << all.payload);
        BOOST_TEST(all.done);
        BOOST_TEST(all.left == "next");
        BOOST_TEST(all.pieces <= 2u);
    }
}

BOOST_AUTO_TEST_CASE(a_fault_comes_before_any_payload_that_was_read_with_it)
{
    const std::string good = "5\r\nhello\r\n";
    for (const std::string fault :
         {"X\r\n", "-1\r\n", "5 \r\nworld\r\n", "5\nworld\r\n", "5\r\nworldX\r\n0\r\n\r\n", "0\r\nX : y\r\n"}) {
        const auto together = gather({Framing::chunked, 0}, good + fault, good.size() + fault.size());
        BOOST_TEST(together.failed);
        BOOST_TEST(together.payload == "", fault);
        const auto later = gather({Framing::chunked, 0}, good + fault, good.size());
        BOOST_TEST(later.failed);
        BOOST_TEST(later.payload == "hello", fault);
    }
}

BOOST_AUTO_TEST_CASE(a_length_takes_what_it_says_and_a_body_until_the_close_takes_all)
{
    const auto length = gather({Framing::length, 5}, "helloGET", 3);
    BOOST_TEST(length.payload == "hello");
    BOOST_TEST(length.left == "GET");
    BOOST_TEST(length.done);
    const auto open = gather({Framing::until_close, 0}, "hello world", 5);
    BOOST_TEST(open.payload == "hello world");
    BOOST_TEST(!open.done);
}
