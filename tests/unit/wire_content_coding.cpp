#include "proxy/wire/content_coding.hpp"

#include <boost/test/unit_test.hpp>

#include <zlib.h>

#include <ostream>
#include <string>

namespace paravent::wire {
std::ostream& boost_test_print_type(std::ostream& out, Inflated::Ending ending)
{
    return out << static_cast<int>(ending);
}
} // namespace paravent::wire

using namespace paravent::wire;
using Ending = Inflated::Ending;

namespace {

/// window: 31 gzip, 15 zlib, -15 raw
std::string packed(std::string_view text, int window)
{
    z_stream stream{};
    BOOST_REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

const std::string text = "event=CUSTOM_APP_EVENTS&custom_events=%5B%5D&event=CUSTOM_APP_EVENTS";

} // namespace

BOOST_AUTO_TEST_SUITE(content_coding)

BOOST_AUTO_TEST_CASE(each_coding_gives_the_content)
{
    for (const auto& [name, bytes] : {std::pair<std::string, std::string>{"gzip", packed(text, 31)},
                                      {"X-GZip", packed(text, 31)},
                                      {"deflate", packed(text, 15)},
                                      {"deflate", packed(text, -15)},
                                      {"", text},
                                      {"identity", text},
                                      {"deflate, gzip", packed(packed(text, 15), 31)},
                                      {" identity ,gzip,", packed(text, 31)}}) {
        const auto out = inflate(name, bytes);
        BOOST_TEST(out.ending == Ending::whole, name);
        BOOST_TEST(out.bytes == text, name);
    }
}

BOOST_AUTO_TEST_CASE(what_stands_behind_the_content_is_passed_over_but_another_member)
{
    BOOST_TEST(inflate("gzip", packed(text, 31) + "rubbish").bytes == text);
    BOOST_TEST(inflate("deflate", packed(text, 15) + std::string(100, '\0')).bytes == text);
    const auto two = inflate("gzip", packed(text, 31) + packed("more", 31));
    BOOST_TEST(two.bytes == text + "more");
    BOOST_TEST(two.ending == Ending::whole);
}

BOOST_AUTO_TEST_CASE(cut_at_every_byte_it_gives_what_is_there)
{
    for (const int window : {31, 15}) {
        const auto whole = packed(text, window);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            const auto out = inflate(window == 31 ? "gzip" : "deflate", whole.substr(0, size));
            BOOST_TEST(out.ending == Ending::cut);
            BOOST_TEST(text.starts_with(out.bytes));
        }
    }
    auto altered = packed(text, 31);
    altered[altered.size() - 8] ^= 1; // the check sum
    const auto out = inflate("gzip", altered);
    BOOST_TEST(out.ending == Ending::damaged);
    BOOST_TEST(out.bytes == text);
}

BOOST_AUTO_TEST_CASE(H9_a_bomb_ends_at_the_bound)
{
    const auto bomb = packed(std::string(max_inflated_bytes * 8, '0'), 31);
    BOOST_TEST(bomb.size() < max_captured_bytes);
    for (const auto* coding : {"gzip", "deflate, gzip"}) {
        const auto out = inflate(coding, std::string_view{coding}.size() > 4
                                             ? packed(packed(std::string(max_inflated_bytes * 8, '0'), 15), 31)
                                             : bomb);
        BOOST_TEST(out.ending == Ending::too_large);
        BOOST_TEST(out.bytes.size() == max_inflated_bytes);
        BOOST_TEST(out.bytes.capacity() <= 2 * max_inflated_bytes);
    }
    const std::string exact(300'000, 'x');
    BOOST_TEST(inflate("gzip", packed(exact, 31), 300'000).ending == Ending::whole);
    BOOST_TEST(inflate("gzip", packed(exact, 31), 299'999).ending == Ending::too_large);
    BOOST_TEST(inflate("gzip", packed("", 31), 0).ending == Ending::whole);
    const auto large = inflate("", std::string(max_captured_bytes + 1, 'x'));
    BOOST_TEST(large.ending == Ending::too_large);
    BOOST_TEST(large.bytes.size() == max_captured_bytes);
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_said)
{
    BOOST_TEST(inflate("br", "x").ending == Ending::unknown);
    BOOST_TEST(inflate("gzip, zstd", "x").ending == Ending::unknown);
    BOOST_TEST(inflate("gzip, gzip, gzip", "x").ending == Ending::unknown);
    BOOST_TEST(inflate("gzip", text).ending == Ending::damaged);
}

BOOST_AUTO_TEST_SUITE_END()
