#include "http2_listener.hpp"

#include <cstdint>

using namespace http2_fuzz;

namespace {

const std::vector<http1::Field> none;

/// Answers some requests at once, some with their body's bytes, some never.
class Server : public Checker {
public:
    Session* session = nullptr;

    void on_head(StreamId stream, Message head, bool end) override
    {
        require(courses.count(stream) == 0 && head.status == 0 && session->streams() <= 100);
        require(!head.authority.empty() && head.method != "CONNECT");
        write_anew(head, !end);
        Checker::on_head(stream, std::move(head), end);
        switch (stream % 8) {
        case 1:
            session->respond(stream, 200, none, 0, "X: y\r\n", false);
            break;
        case 3:
            session->interim(stream, 103, none);
            session->respond(stream, 200, none, std::nullopt, "", true);
            break;
        case 5:
            session->reset(stream, cancel);
            forget(stream);
            break;
        default:
            break;
        }
    }
    void on_body(StreamId stream, std::string_view bytes) override
    {
        Checker::on_body(stream, bytes);
        if (stream % 8 == 3) {
            const std::size_t room = session->room(stream);
            require(session->write(stream, bytes) == std::min(room, bytes.size()));
            require(session->room(stream) == room - std::min(room, bytes.size()) || room > 4096);
        }
        consume(*session, stream, bytes.size() / 2 + 1);
    }
    void on_end(StreamId stream, std::string trailer) override
    {
        session->finish(stream, trailer);
        Checker::on_end(stream, std::move(trailer));
    }

private:
    /// What was taken for a request goes out as one, and is taken for the same.
    static void write_anew(const Message& head, bool has_body)
    {
        class Origin : public Checker {
        public:
            const Message* sent = nullptr;
            bool came = false;
            void on_head(StreamId, Message again, bool) override
            {
                came = true;
                require(again.method == sent->method && again.path == sent->path && again.scheme == sent->scheme);
                require(again.authority == sent->authority && again.length == sent->length);
                require(again.te_trailers == sent->te_trailers);
            }
        } origin;
        Checker device;
        origin.sent = &head;
        Session client(Role::client, device);
        Session server(Role::server, origin);
        Request request{head.method, head.scheme, head.authority, head.path, head.length, head.te_trailers};
        const auto id = client.request(request, head.fields, has_body);
        require(id.has_value());
        std::string bytes;
        for (auto out = client.output(); !out.empty(); out = client.output())
            bytes += out;
        require(!server.feed(bytes));
        // Via may have made it too large.
        require(origin.came || head.fields.size() + 6 > http1::max_fields || bytes.size() > 10'000);
    }
};

} // namespace

/// Bytes of a peer that came behind the preface, or the preface too; the first byte says, and how they are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1)
        return 0;
    const std::string_view in(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t step = data[0] % 128 == 0 ? in.size() + 1 : data[0] % 128;
    Server told;
    Session session(Role::server, told);
    told.session = &session;
    if (data[0] < 128)
        require(!session.feed({"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33}));
    for (std::size_t at = 0; at < in.size(); at += step) {
        const auto error = session.feed(in.substr(at, step));
        if (at % 3 == 0 || error)
            drain(session);
        require(session.streams() <= 100);
        if (error) {
            require(session.over() && session.feed("x") == error);
            break;
        }
    }
    session.shut_down();
    drain(session);
    return 0;
}
