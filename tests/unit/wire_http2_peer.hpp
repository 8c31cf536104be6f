#pragma once

#include "proxy/wire/http2.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

/// The other end of a session: frames made by hand, what a listener was told as text, two sessions in conversation.
namespace http2_peer {

using namespace paravent::wire;
using namespace paravent::wire::http2;
using namespace std::string_literals;
using namespace std::string_view_literals;

enum Type : unsigned {
    data,
    headers,
    priority,
    rst_stream,
    settings,
    push_promise,
    ping,
    goaway,
    window_update,
    continuation,
};
constexpr unsigned end_stream = 0x1;
constexpr unsigned ack = 0x1;
constexpr unsigned end_headers = 0x4;
constexpr unsigned padded = 0x8;

inline std::string number(std::uint64_t value, int bytes)
{
    std::string out;
    for (int i = bytes - 1; i >= 0; --i)
        out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    return out;
}

inline std::uint64_t value_of(std::string_view bytes)
{
    std::uint64_t out = 0;
    for (const char c : bytes)
        out = out << 8 | static_cast<unsigned char>(c);
    return out;
}

inline std::string frame(unsigned type, unsigned flags, std::uint32_t stream, const std::string& payload)
{
    return number(payload.size(), 3) + number(type, 1) + number(flags, 1) + number(stream, 4) + payload;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// HPACK's integer (RFC 7541, section 5.1).
inline std::string hpack_number(std::size_t value, unsigned prefix_bits, unsigned char first = 0)
{
    const std::size_t most = (std::size_t{1} << prefix_bits) - 1;
    if (value < most)
        return {static_cast<char>(first | value)};
    std::string out{static_cast<char>(first | most)};
    for (value -= most; value >= 128; value >>= 7)
        out += static_cast<char>(static_cast<unsigned char>(0x80 | (value & 0x7f)));
    return out + static_cast<char>(value);
}

inline std::string text(const std::string& of)
{
    return hpack_number(of.size(), 7) + of;
}

/// A literal field that goes into no table.
inline std::string field(const std::string& name, const std::string& value)
{
    return '\0' + text(name) + text(value);
}

inline std::string block(const Pairs& fields)
{
    std::string out;
    for (const auto& [name, value] : fields)
        out += field(name, value);
    return out;
}

inline std::string head(std::uint32_t stream, const Pairs& fields, unsigned flags = end_headers | end_stream)
{
    return frame(headers, flags, stream, block(fields));
}

inline Pairs get(const Pairs& more = {})
{
    Pairs out = {{":method", "GET"}, {":scheme", "https"}, {":authority", "a.example"}, {":path", "/"}};
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

inline Pairs post(const Pairs& more = {})
{
    Pairs out = get(more);
    out.front().second = "POST";
    return out;
}

const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const std::string client_start = preface + frame(settings, 0, 0, "");
const std::string server_start = frame(settings, 0, 0, "") + frame(settings, ack, 0, "");

struct Frame {
    unsigned type = 0, flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
    std::uint32_t code() const
    {
        return static_cast<std::uint32_t>(value_of(std::string_view(payload).substr(type == goaway ? 4 : 0, 4)));
    }
};

/// All that `session` has to send.
inline std::string drain(Session& session)
{
    std::string out;
    for (auto bytes = session.output(); !bytes.empty(); bytes = session.output()) {
        BOOST_TEST(bytes.size() <= 32U * 1024 + 9);
        out += bytes;
    }
    return out;
}

inline std::vector<Frame> frames(std::string_view bytes)
{
    std::vector<Frame> out;
    if (bytes.starts_with(preface))
        bytes.remove_prefix(preface.size());
    while (!bytes.empty()) {
        BOOST_REQUIRE(bytes.size() >= 9);
        const std::size_t size = value_of(bytes.substr(0, 3));
        BOOST_REQUIRE(bytes.size() >= 9 + size);
        out.push_back({static_cast<unsigned>(value_of(bytes.substr(3, 1))),
                       static_cast<unsigned>(value_of(bytes.substr(4, 1))),
                       static_cast<std::uint32_t>(value_of(bytes.substr(5, 4))), std::string{bytes.substr(9, size)}});
        bytes.remove_prefix(9 + size);
    }
    return out;
}

inline std::vector<Frame> sent(Session& session, Type type)
{
    auto out = frames(drain(session));
    std::erase_if(out, [type](const Frame& f) { return f.type != type; });
    return out;
}

/// What a listener was told, as lines; pieces of a body that follow each other are one.
class Recorder : public Listener {
public:
    std::string log;
    std::map<StreamId, std::string> bodies;
    std::map<StreamId, Message> heads;
    Session* consumer = nullptr; ///< is told at once that a body's bytes went on

    void on_head(StreamId stream, Message head, bool end) override
    {
        note(stream, "head" + describe(head) + (end ? " end" : ""));
        heads.insert_or_assign(stream, std::move(head));
    }
    void on_interim(StreamId stream, Message head) override { note(stream, "interim" + describe(head)); }
    void on_body(StreamId stream, std::string_view bytes) override
    {
        BOOST_TEST(!bytes.empty());
        bodies[stream] += bytes;
        if (last_body_ != stream)
            note(stream, "body");
        last_body_ = stream;
        if (consumer != nullptr)
            consumer->consumed(stream, bytes.size());
    }
    void on_end(StreamId stream, std::string trailer) override { note(stream, "end " + trailer); }
    void on_reset(StreamId stream, std::uint32_t code) override { note(stream, "reset " + std::to_string(code)); }
    void on_room(StreamId stream) override { note(stream, "room"); }

    /// What was told since the last call.
    std::string told()
    {
        last_body_ = 0;
        return std::exchange(log, {});
    }

private:
    static std::string describe(const Message& head)
    {
        std::string out;
        const auto add = [&out](std::string_view piece) { out.append(" ").append(piece); };
        if (head.status != 0)
            add(std::to_string(head.status));
        else
            for (const auto piece : {head.method, head.scheme, head.authority, head.path})
                add(piece);
        for (const auto& field : head.fields)
            add(std::string{field.name} + "=" + std::string{field.value} + ";");
        if (head.length)
            add("length " + std::to_string(*head.length));
        return out;
    }
    void note(StreamId stream, const std::string& what)
    {
        last_body_ = 0;
        log += std::to_string(stream) + " " + what + "\n";
    }
    StreamId last_body_ = 0;
};

/// A server session whose peer is made by hand; the start is behind it.
struct Served {
    Recorder told;
    Session session;
    explicit Served(const Bounds& bounds = {}) : session(Role::server, told, bounds)
    {
        BOOST_REQUIRE(!session.feed(client_start));
        drain(session);
    }
};

/// A client session whose peer is made by hand, with requests 1, 3, … open.
struct Asked {
    Recorder told;
    Session session;
    explicit Asked(int requests = 1, std::string_view method = "GET", bool has_body = false, const Bounds& bounds = {})
        : session(Role::client, told, bounds)
    {
        BOOST_REQUIRE(!session.feed(server_start));
        for (int i = 0; i < requests; ++i)
            BOOST_REQUIRE(session.request({method, "https", "a.example", "/"}, {}, has_body).has_value());
        drain(session);
    }
};

/// A device and a proxy, or a proxy and an origin: bytes go to and fro, `step` at a time.
struct Talk {
    Recorder client_told, server_told;
    Session client, server;
    std::size_t step = 1U << 20;

    explicit Talk(const Bounds& client_bounds = {}, const Bounds& server_bounds = {})
        : client(Role::client, client_told, client_bounds), server(Role::server, server_told, server_bounds)
    {
    }
    void run()
    {
        while (carry(client, server) || carry(server, client))
            ;
    }

private:
    bool carry(Session& from, Session& to) const
    {
        const std::string bytes{from.output()};
        for (std::size_t at = 0; at < bytes.size(); at += step)
            BOOST_REQUIRE(!to.feed(std::string_view(bytes).substr(at, step)));
        return !bytes.empty();
    }
};

} // namespace http2_peer
