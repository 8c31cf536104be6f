#include "proxy/wire/http2_memory.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

using paravent::wire::http2::Memory;

namespace {

constexpr std::size_t frames = 16 * 1024 + 10, buckets = 256, bucket = 16;

struct Held {
    Memory memory;
    nghttp2_mem of = memory.functions();
    char* const block = static_cast<char*>(of.malloc(frames, of.mem_user_data));
    char* const table = static_cast<char*>(of.calloc(buckets, bucket, of.mem_user_data));
    ~Held()
    {
        of.free(table, of.mem_user_data);
        of.free(block, of.mem_user_data);
    }
};

bool is_zero(const char* bytes, std::size_t size)
{
    return std::all_of(bytes, bytes + size, [](char c) { return c == 0; });
}

} // namespace

BOOST_AUTO_TEST_SUITE(http2_memory)

BOOST_AUTO_TEST_CASE(a_table_with_something_in_it_stays_as_it_is)
{
    Held held;
    BOOST_TEST(is_zero(held.table, buckets * bucket));
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, buckets * bucket - 1}) {
        std::memset(held.block, 'x', frames);
        held.table[at] = 'x';
        held.memory.rest();
        BOOST_TEST(held.table[at] == 'x');
        held.table[at] = 0;
        held.memory.rest();
        BOOST_TEST(is_zero(held.table, buckets * bucket));
        BOOST_TEST(is_zero(held.block, frames)); // so the pages have gone
    }
}

BOOST_AUTO_TEST_CASE(whatever_else_it_gives_out_is_kept)
{
    Held held;
    auto& of = held.of;
    char* const later = static_cast<char*>(of.malloc(frames, of.mem_user_data));
    char* const larger = static_cast<char*>(of.calloc(2 * buckets, bucket, of.mem_user_data));
    char* const single = static_cast<char*>(of.calloc(1, 8192, of.mem_user_data));
    BOOST_TEST(is_zero(larger, 2 * buckets * bucket));
    for (char* each : {later, larger, single})
        std::memset(each, 'x', 8192);
    held.memory.rest();
    for (char* each : {later, larger, single}) {
        BOOST_TEST(std::string_view(each, 8192) == std::string(8192, 'x'));
        of.free(each, of.mem_user_data);
    }
}

BOOST_AUTO_TEST_CASE(a_block_that_grows_takes_what_it_holds_along)
{
    Held held;
    auto& of = held.of;
    std::memset(held.block, 'x', frames);
    BOOST_TEST(of.realloc(held.block, 2 * frames, of.mem_user_data) == held.block);
    char* const moved = static_cast<char*>(of.realloc(held.block, 100'000, of.mem_user_data));
    BOOST_TEST(std::string_view(moved, frames) == std::string(frames, 'x'));
    of.free(moved, of.mem_user_data);
}

BOOST_AUTO_TEST_SUITE_END()
