#include "proxy/server/blocked_page.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/policy/address.hpp"
#include "proxy/server/answer.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace paravent::server {
namespace {

constexpr std::string_view button = "/paravent/allow?";
constexpr std::int64_t while_ms = 600'000;

std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '&':
            out += "&amp;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string origin_of(const wire::Target& target)
{
    return (target.https ? "https://" : "http://") + wire::host_field(target.host, target.port, target.https);
}

bool is_this_computer(const Connection& connection)
{
    return policy::is_loopback(connection.address());
}

/// A place on the host that the page was on, and nothing that could be read as another one.
bool is_path(std::string_view path)
{
    return path.starts_with('/') && !path.starts_with("//") && path.find('\\') == std::string_view::npos &&
           std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

} // namespace

std::string blocked_page(Connection& connection, const Asked& asked, std::string_view sentence)
{
    std::string way;
    if (is_this_computer(connection)) {
        const auto parts = activity::parts_of(asked.url);
        const auto path = parts.path.empty()
                              ? "/"
                              : std::string(parts.path) + (parts.query.empty() ? "" : "?") + std::string(parts.query);
        const auto key = connection.worker.shared.report_tokens.allowance(connection.client()->device.id, asked.host);
        way = "<form method=post action=\"" + std::string(button) + "k=" + key +
              "&amp;to=" + activity::percent_encoded(path) + "\"><p><button>Allow for ten minutes</button> " +
              escaped(asked.host) + ", on this computer alone.</p></form>";
    } else {
        way = "<p>The owner of this network can allow it for ten minutes: <code>paravent allow " + escaped(asked.host) +
              " --for 10m</code></p>";
    }
    return "<!doctype html><html lang=en><meta charset=utf-8>"
           "<meta name=viewport content=\"width=device-width\"><title>Stopped by Paravent</title>"
           "<style>body{font:18px/1.5 sans-serif;max-width:34em;margin:3em auto;padding:0 1em;overflow-wrap:anywhere}"
           "button{font:inherit;padding:.4em 1em}</style><h1>Stopped at home</h1><p>" +
           escaped(sentence) + "</p>" + way + "\n";
}

bool is_allowance(Connection& connection, const Exchange::Head& head)
{
    const std::string_view path = head.target.path;
    if (head.method != "POST" || !path.starts_with(button) || !is_this_computer(connection))
        return false;
    const auto origin = wire::http1::find(*head.fields, "origin");
    if (!origin.empty() && origin != "null" && origin != origin_of(head.target))
        return false;
    const activity::Fields fields(path.substr(button.size()));
    const auto given = fields["k"];
    const auto key = connection.worker.shared.report_tokens.allowance(connection.client()->device.id, head.target.host);
    return given.size() == key.size() && CRYPTO_memcmp(given.data(), key.data(), key.size()) == 0;
}

net::awaitable<void> allow_for_a_while(Connection& connection, Exchange& exchange)
{
    const auto& target = exchange.head().target;
    const activity::Fields fields(std::string_view(target.path).substr(button.size()));
    policy::Exception exception;
    exception.site = target.host;
    exception.device = connection.client()->device.id;
    exception.until_ms = wall_clock_ms() + while_ms;
    std::string trouble;
    try {
        connection.worker.shared.policy.add(std::move(exception));
    } catch (const policy::PolicyError& error) {
        trouble = error.what();
    }
    if (!trouble.empty())
        co_return co_await answer_error(exchange, 503, "busy", trouble);
    const auto to = fields["to"];
    const std::string extra =
        "Location: " + origin_of(target) + (is_path(to) ? std::string(to) : "/") + "\r\nCache-Control: no-store\r\n";
    Exchange::Reply reply;
    reply.status = 303;
    reply.length = 0;
    reply.extra = extra;
    exchange.write_head(reply);
    if (co_await exchange.finish())
        exchange.abort();
}

} // namespace paravent::server
