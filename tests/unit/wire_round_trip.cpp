#include "proxy/wire/http1.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>

using namespace paravent::wire;
using namespace paravent::wire::http1;
using namespace std::string_view_literals;

/// Properties over generated heads and bodies: what one side writes, the other reads back. The same on every machine.
namespace {

class Generator {
public:
    explicit Generator(std::uint64_t seed) : state_(seed) {}

    std::size_t below(std::size_t n) { return next() % n; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    char of(std::string_view bytes) { return bytes[below(bytes.size())]; }

    std::string token(std::size_t longest)
    {
        std::string out;
        for (std::size_t n = 1 + below(longest); n > 0; --n)
            out += of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~");
        return out;
    }

    /// Bytes from SP up and tabs, without blanks at the ends.
    std::string text(std::size_t longest)
    {
        std::string out;
        for (std::size_t n = below(longest + 1); n > 0; --n) {
            const auto u = static_cast<unsigned char>(below(256));
            out += u < 0x20 || u == 0x7f ? '\t' : static_cast<char>(u);
        }
        while (!out.empty() && (out.front() == ' ' || out.front() == '\t'))
            out.erase(0, 1);
        while (!out.empty() && (out.back() == ' ' || out.back() == '\t'))
            out.pop_back();
        return out;
    }

    std::string target()
    {
        std::string out = "/";
        for (std::size_t n = below(60); n > 0; --n) {
            const auto u = static_cast<unsigned char>(below(256));
            out += u <= 0x20 || u == 0x7f ? '?' : static_cast<char>(u);
        }
        return out;
    }

    std::string bytes(std::size_t longest)
    {
        std::string out;
        for (std::size_t n = below(longest + 1); n > 0; --n)
            out += one_in(4) ? of("\r\n0;: ") : static_cast<char>(below(256));
        return out;
    }

    Framing framing() { return one_in(3) ? Framing::none : one_in(2) ? Framing::length : Framing::chunked; }

private:
    /// splitmix64
    std::uint64_t next()
    {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    std::uint64_t state_;
};

struct Fields {
    std::vector<std::pair<std::string, std::string>> owned;

    explicit Fields(Generator& generate)
    {
        static constexpr std::string_view special[] = {"Connection", "Keep-Alive",        "content-length", "Host",
                                                       "Upgrade",    "Transfer-Encoding", "Expect",         "TE"};
        for (std::size_t n = generate.below(30); n > 0; --n)
            owned.emplace_back(generate.one_in(4) ? std::string{special[generate.below(std::size(special))]}
                                                  : generate.token(20),
                               generate.one_in(5) ? "chunked" : generate.text(60));
        if (!owned.empty() && generate.one_in(3))
            owned.emplace_back("Connection", owned.front().first + ", close");
    }

    std::vector<Field> views() const
    {
        std::vector<Field> out;
        for (const auto& [name, value] : owned)
            out.push_back({name, value});
        return out;
    }
};

bool same(const Field& a, const Field& b)
{
    return a.name == b.name && a.value == b.value;
}

/// What may pass of `fields`, in order.
std::vector<Field> passing(std::vector<Field> fields)
{
    const HopByHop hop(fields);
    std::erase_if(fields, [&hop](const Field& f) { return hop.drops(f.name); });
    return fields;
}

bool contains_in_order(const std::vector<Field>& all, const std::vector<Field>& part)
{
    auto at = all.begin();
    for (const Field& field : part) {
        at = std::find_if(at, all.end(), [&field](const Field& f) { return same(f, field); });
        if (at++ == all.end())
            return false;
    }
    return true;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_request_that_was_written_is_read_back)
{
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        Generator generate(seed);
        const Fields fields(generate);
        const std::string method = "M" + generate.token(20);
        const std::string target = generate.target();
        Outgoing out{method, target, "a.example:81", generate.framing(), generate.below(1U << 30)};
        out.close = generate.one_in(2);
        out.te_trailers = generate.one_in(2);
        out.upgrade = generate.one_in(2) ? "websocket" : "";
        out.expect_continue = out.framing != Framing::none && out.length != 0;
        std::string written;
        write_request(written, out, fields.views());

        RequestHead head;
        const auto size = parse_request(written, head);
        BOOST_REQUIRE_MESSAGE(size.has_value(), "seed " << seed << ":\n" << written);
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            BOOST_TEST(*size == written.size());
            BOOST_TEST(head.method == method);
            BOOST_TEST(head.target == target);
            BOOST_TEST(head.host == out.host);
            BOOST_TEST((head.framing == out.framing));
            BOOST_TEST(head.length == (out.framing == Framing::length ? out.length : 0));
            BOOST_TEST(head.keep_alive == !out.close);
            BOOST_TEST(head.te_trailers == out.te_trailers);
            BOOST_TEST(head.upgrade == out.upgrade);
            BOOST_TEST(head.expect_continue == out.expect_continue);
            BOOST_TEST(contains_in_order(head.fields, passing(fields.views())));
            const auto theirs = passing(head.fields);
            BOOST_TEST(theirs.size() == passing(fields.views()).size() + 1); // Via
        }
    }
}

BOOST_AUTO_TEST_CASE(a_response_that_was_written_is_read_back)
{
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        Generator generate(seed);
        const Fields fields(generate);
        Reply reply;
        reply.status = static_cast<unsigned>(200 + generate.below(400));
        reply.framing = generate.framing();
        if (reply.framing == Framing::none)
            reply.framing = Framing::until_close;
        reply.length = generate.below(1U << 30);
        reply.keep_alive = generate.one_in(2);
        std::string written;
        write_response(written, reply, fields.views());

        ResponseHead head;
        const auto size = parse_response(written, "GET", head);
        BOOST_REQUIRE_MESSAGE(size.has_value(), "seed " << seed << ":\n" << written);
        const bool has_body = reply.status != 204 && reply.status != 304;
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            BOOST_TEST(*size == written.size());
            BOOST_TEST(head.status == reply.status);
            BOOST_TEST(head.reason == reason_of(reply.status));
            BOOST_TEST((head.framing == (has_body ? reply.framing : Framing::none)));
            BOOST_TEST(head.keep_alive == (reply.keep_alive && reply.framing != Framing::until_close));
            BOOST_TEST(contains_in_order(head.fields, passing(fields.views())));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_chunked_body_that_was_written_is_read_back_however_it_is_cut)
{
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        Generator generate(seed);
        std::string payload;
        std::string written;
        for (std::size_t n = generate.below(6); n > 0; --n) {
            const std::string piece = "x" + generate.bytes(generate.one_in(5) ? 3000 : 20);
            write_chunk_head(written, piece.size());
            if (generate.one_in(3))
                written.insert(written.size() - 2, ";" + generate.text(20));
            written.append(piece).append("\r\n");
            payload += piece;
        }
        const std::string trailer = generate.one_in(2) ? "x: " + generate.text(20) + "\r\n" : "";
        write_last_chunk(written, trailer);
        written += "GET /";

        BodyReader reader(Framing::chunked, 0);
        std::string read;
        std::size_t start = 0;
        for (std::size_t end = 0; !reader.done() && end < written.size();) {
            end = std::min(end + 1 + generate.below(generate.one_in(3) ? 2000 : 9), written.size());
            while (!reader.done()) {
                const auto piece = reader.next(std::string_view(written).substr(start, end - start));
                BOOST_REQUIRE_MESSAGE(piece.has_value(), "seed " << seed << ":\n" << written);
                if (piece->consumed == 0)
                    break;
                read += piece->payload;
                start += piece->consumed;
            }
        }
        BOOST_TEST_CONTEXT("seed " << seed)
        {
            BOOST_TEST(reader.done());
            BOOST_TEST(read == payload);
            BOOST_TEST(reader.trailer() == trailer);
            BOOST_TEST(written.substr(start) == "GET /");
        }
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_head_is_refused_or_comes_out_clean)
{
    const std::string proper = "POST http://a.example/b?c HTTP/1.1\r\nHost: a.example\r\nConnection: x, Upgrade\r\n"
                               "X: y\r\nUpgrade: websocket\r\nContent-Length: 10\r\nAccept: a/b, c\r\n\r\n";
    std::size_t accepted = 0;
    for (std::uint64_t seed = 0; seed < 20000; ++seed) {
        Generator generate(seed);
        std::string damaged = proper;
        for (std::size_t n = 1 + generate.below(3); n > 0; --n) {
            const std::size_t at = generate.below(damaged.size());
            const std::string piece =
                generate.one_in(2) ? std::string{generate.of("\r\n\t\0 :,;5\v\x7f\xff"sv)} : "\r\n";
            damaged.replace(at, generate.below(3), piece);
        }
        RequestHead head;
        const auto size = parse_request(damaged, head);
        if (!size || *size == 0)
            continue;
        ++accepted;
        const Outgoing out{head.method, "/", "a.example", head.framing, head.length};
        std::string written;
        write_request(written, out, head.fields);
        RequestHead again;
        const auto second = parse_request(written, again);
        BOOST_REQUIRE_MESSAGE(second.has_value(), "seed " << seed << ":\n" << written);
        BOOST_TEST(*second == written.size());
        BOOST_TEST((again.framing == head.framing && again.length == head.length));
        BOOST_TEST(static_cast<std::size_t>(std::count(written.begin(), written.end(), '\n')) ==
                   again.fields.size() + 2);
    }
    BOOST_TEST(accepted > 100U); // or the test looks at nothing
}
