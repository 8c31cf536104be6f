#include "proxy/cli/client.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/cli/event_stream.hpp"
#include "proxy/cli/reachable.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/files/file.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <limits>

namespace paravent::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto connect_within = std::chrono::seconds{5};
constexpr std::size_t max_answer_bytes = 64 * 1024 * 1024;

config::Endpoint dashboard_of(const config::Settings& settings)
{
    if (settings.dashboard.listen.empty())
        throw Failure(failed, "[dashboard] listen is empty, so the service cannot be asked");
    return nearest(settings.dashboard.listen);
}

std::string detail_of(const std::string& body, unsigned status)
{
    boost::system::error_code error;
    const auto value = boost::json::parse(body, error);
    if (!error && value.is_object())
        if (const auto* detail = value.get_object().if_contains("detail"); detail != nullptr && detail->is_string())
            return std::string(detail->get_string());
    return "the service answered with status " + std::to_string(status);
}

std::string target_of_link(std::string_view field)
{
    const auto close = field.find('>');
    return field.starts_with('<') && close != std::string_view::npos ? std::string(field.substr(1, close - 1))
                                                                     : std::string{};
}

} // namespace

std::string escaped(std::string_view text)
{
    return activity::percent_encoded(text);
}

std::string query_of(std::initializer_list<std::pair<std::string_view, std::string_view>> parameters)
{
    std::string out;
    for (const auto& [name, value] : parameters)
        if (!value.empty())
            out += (out.empty() ? "?" : "&") + std::string(name) + "=" + escaped(value);
    return out;
}

/// One request on its way and the answer's head.
struct Client::Connection {
    asio::io_context context{1};
    beast::tcp_stream stream{context};
    beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    std::string address;
    std::chrono::seconds patience{};

    /// Waits for one asynchronous call, so that Beast's deadline holds: its synchronous ones have none.
    template <class Start>
    beast::error_code wait(Start start)
    {
        beast::error_code result;
        stream.expires_after(patience);
        start([&](beast::error_code error, auto&&...) { result = error; });
        context.restart();
        context.run();
        return result;
    }

    [[noreturn]] void lost(const beast::error_code& error) const
    {
        throw NoAnswer(failed, "the service at " + address + " did not answer: " + error.message());
    }

    /// The next piece of the body into `piece`; empty at the end.
    std::string_view read(std::array<char, 16 * 1024>& piece)
    {
        if (parser.is_done())
            return {};
        parser.get().body().data = piece.data();
        parser.get().body().size = piece.size();
        const auto error = wait([&](auto done) { http::async_read_some(stream, buffer, parser, std::move(done)); });
        if (error && error != http::error::need_buffer)
            lost(error);
        return {piece.data(), piece.size() - parser.get().body().size};
    }

    std::string read_all()
    {
        std::string body;
        std::array<char, 16 * 1024> piece{};
        while (!parser.is_done()) {
            body += read(piece);
            if (body.size() > max_answer_bytes)
                throw Failure(failed, "the service's answer is too long: ask for less with --limit or --since");
        }
        return body;
    }

    unsigned status() const { return parser.get().result_int(); }

    void expect_success()
    {
        if (status() >= 200 && status() < 300)
            return;
        const auto detail = detail_of(read_all(), status());
        const bool usage = status() == 400 || status() == 404 || status() == 409 || status() == 422;
        throw Refused(usage ? wrong_usage : failed, dashboard::inert(detail), status()); // it repeats what was asked
    }
};

Client::Client(const Place& place, std::chrono::seconds patience)
    : endpoint_(dashboard_of(settings_at(place))), token_(token_at(place)), patience_(patience)
{
}
Client::~Client() = default;

std::unique_ptr<Client::Connection> Client::open()
{
    auto connection = std::make_unique<Connection>();
    auto& c = *connection;
    c.address = written(endpoint_);
    const asio::ip::tcp::endpoint to(asio::ip::make_address(endpoint_.address), endpoint_.port);
    c.patience = connect_within;
    if (const auto error = c.wait([&](auto done) { c.stream.async_connect(to, std::move(done)); }))
        throw NotRunning(failed, "the service is not running at " + c.address + " (" + error.message() +
                                     "): start it with `paravent run`");
    c.patience = patience_;
    return connection;
}

template <class Request>
void Client::describe(Request& request, std::string_view type, const std::string& address) const
{
    request.set(http::field::host, address);
    request.set(http::field::authorization, "Bearer " + token_);
    request.set(http::field::connection, "close");
    if (!type.empty())
        request.set(http::field::content_type, std::string(type));
}

void Client::read_head(Connection& c)
{
    c.parser.body_limit(std::numeric_limits<std::uint64_t>::max());
    if (const auto error =
            c.wait([&](auto done) { http::async_read_header(c.stream, c.buffer, c.parser, std::move(done)); }))
        c.lost(error);
}

std::unique_ptr<Client::Connection> Client::connect(std::string_view method, const std::string& path, std::string body,
                                                    std::string_view type, std::string_view passphrase)
{
    auto connection = open();
    auto& c = *connection;
    http::request<http::string_body> request(http::string_to_verb(std::string(method)), "/api/v1" + path, 11);
    describe(request, body.empty() ? std::string_view{} : type, c.address);
    if (!passphrase.empty())
        request.set("Paravent-Passphrase", escaped(passphrase));
    request.body() = std::move(body);
    request.prepare_payload();
    // An answer may stand there before all of a refused body was taken, so an error in writing is left to the reading.
    const auto ignored = c.wait([&](auto done) { http::async_write(c.stream, request, std::move(done)); });
    (void)ignored;
    read_head(c);
    return connection;
}

Client::Answer Client::ask(std::string_view method, const std::string& path, std::string body, std::string_view type,
                           std::string_view passphrase)
{
    const auto connection = connect(method, path, std::move(body), type, passphrase);
    connection->expect_success();
    Answer answer;
    answer.link = target_of_link(std::string(connection->parser.get()[http::field::link]));
    answer.body = connection->read_all();
    return answer;
}

boost::json::value Client::get(const std::string& path)
{
    return boost::json::parse(ask("GET", path).body);
}

boost::json::value Client::send(std::string_view method, const std::string& path, const boost::json::value& body)
{
    const auto answer = ask(method, path, body.is_null() ? std::string{} : boost::json::serialize(body));
    return answer.body.empty() ? boost::json::value(nullptr) : boost::json::parse(answer.body);
}

void Client::follow(const std::string& path, const std::function<bool(std::string_view, std::string_view)>& on_event)
{
    const auto connection = connect("GET", path, {}, {});
    connection->expect_success();
    std::array<char, 16 * 1024> piece{};
    EventStream events;
    for (;;) {
        const auto bytes = connection->read(piece);
        if (bytes.empty() && connection->parser.is_done())
            throw Failure(failed, "the service ended the stream");
        if (!events.read(bytes, on_event))
            return;
    }
}

void Client::download(const std::string& path, const boost::json::value& wish, const std::filesystem::path& file)
{
    const auto connection = wish.is_null() ? connect("GET", path, {}, {})
                                           : connect("POST", path, boost::json::serialize(wish), "application/json");
    connection->expect_success();
    // Made by us alone, for us alone: in a folder of everybody's a link may wait under its name.
    const bool made = static_cast<bool>(files::File(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    std::ofstream out;
    if (made)
        out.open(file, std::ios::binary | std::ios::trunc);
    else
        out.setstate(std::ios::failbit);
    std::array<char, 16 * 1024> piece{};
    while (out && !connection->parser.is_done()) {
        const auto bytes = connection->read(piece);
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    if (!out.flush())
        throw Failure(failed, dashboard::inert(file.string()) + ": user " + user_name() + " cannot write it");
}

boost::json::value Client::upload(const std::string& path, const std::filesystem::path& file,
                                  const std::function<void(std::uint64_t, std::uint64_t)>& progress)
{
    http::request<http::file_body> request(http::verb::post, "/api/v1" + path, 11);
    beast::error_code error;
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored))
        throw Failure(wrong_usage, dashboard::inert(file.string()) + ": is a folder; name a file");
    request.body().open(file.c_str(), beast::file_mode::scan, error);
    if (error)
        throw Failure(wrong_usage, dashboard::inert(file.string()) + ": cannot be read: " + error.message());
    const auto connection = open();
    auto& c = *connection;
    describe(request, "application/octet-stream", c.address);
    request.prepare_payload();
    http::request_serializer<http::file_body> serializer(request);
    const auto all = request.body().size();
    // A refusal may come before all of the file was taken; then writing fails, and the answer says why.
    for (std::uint64_t sent = 0; !serializer.is_done() && !error; progress(std::min(sent, all), all)) {
        std::size_t written = 0;
        error = c.wait([&](auto done) {
            http::async_write_some(c.stream, serializer,
                                   [&, done](beast::error_code result, std::size_t bytes) mutable {
                                       written = bytes;
                                       done(result);
                                   });
        });
        sent += written;
    }
    read_head(c);
    c.expect_success();
    return boost::json::parse(c.read_all());
}

} // namespace paravent::cli
