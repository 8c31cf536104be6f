#include "http2_listener.hpp"

#include <cstdint>

using namespace http2_fuzz;

namespace {

class Client : public Checker {
public:
    Session* session = nullptr;

    void on_head(StreamId stream, Message head, bool end) override
    {
        require(head.status >= 200 && head.status <= 999 && head.method.empty());
        Checker::on_head(stream, std::move(head), end);
    }
    void on_body(StreamId stream, std::string_view bytes) override
    {
        Checker::on_body(stream, bytes);
        consume(*session, stream, stream == 3 ? bytes.size() / 2 : bytes.size());
        session->write(1, bytes);
        if (bytes.front() == 'r') {
            session->reset(stream, cancel);
            forget(stream);
        }
    }
};

} // namespace

/// Bytes of an origin with four requests on the way: with a body, without one, HEAD, one not sent yet. The first byte
/// says how they are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1)
        return 0;
    const std::string_view in(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t step = data[0] % 128 == 0 ? in.size() + 1 : data[0] % 128;
    Client told;
    told.open = true;
    Session session(Role::client, told);
    told.session = &session;
    const auto ask = [&](std::string_view method, bool has_body) {
        const auto id = session.request({method, "https", "a.example", "/"}, {{"User-Agent", "x"}}, has_body);
        require(id.has_value());
        told.courses[*id];
    };
    ask("POST", true);
    ask("GET", false);
    ask("HEAD", false);
    session.write(1, "hello");
    drain(session);
    ask("GET", false);
    if (data[0] < 128)
        require(!session.feed({"\0\0\0\4\0\0\0\0\0", 9}));
    for (std::size_t at = 0; at < in.size(); at += step) {
        const auto error = session.feed(in.substr(at, step));
        if (at % 3 == 0 || error)
            drain(session);
        require(session.streams() <= 4);
        if (error) {
            require(session.over() && session.feed("x") == error);
            break;
        }
    }
    session.finish(1, "x: y\r\n");
    session.shut_down();
    drain(session);
    return 0;
}
