#include "proxy/server/answer.hpp"

#include "proxy/net/error.hpp"
#include "proxy/server/blocked_page.hpp"
#include "proxy/server/stand_in.hpp"
#include "proxy/wire/error.hpp"

#include <string>

namespace paravent::server {

using net::awaitable;
using rules::Type;

namespace {

struct Content {
    unsigned status = 200;
    std::string_view type;
    std::string body;
};

awaitable<void> write(Exchange& x, const Content& content, std::string extra)
{
    Exchange::Reply reply;
    reply.status = content.status;
    const bool bodiless = content.status == 204;
    reply.has_body = !bodiless && x.head().method != "HEAD" && !content.body.empty();
    if (!bodiless)
        reply.length = content.body.size();
    if (!content.type.empty() && !bodiless)
        extra.append("Content-Type: ").append(content.type).append("\r\n");
    reply.extra = extra;
    x.write_head(reply);
    if (reply.has_body && co_await x.write_body(content.body))
        co_return x.abort();
    if (co_await x.finish())
        x.abort();
}

std::string rule_line(const Judgement& judgement)
{
    return "Paravent-Rule: " + judgement.rule + "\r\nCache-Control: no-store\r\n";
}

/// A page reads a reply from another origin only where that reply allows it; to an image none of it matters.
std::string cors_lines(const Exchange& x)
{
    const auto& fields = *x.head().fields;
    const auto origin = wire::http1::find(fields, "origin");
    // A page that isolates itself (COEP) takes from elsewhere only what says that it is for everybody.
    std::string lines = "Cross-Origin-Resource-Policy: cross-origin\r\n";
    if (origin.empty())
        return lines + "Access-Control-Allow-Origin: *\r\n";
    lines += "Access-Control-Allow-Origin: ";
    lines.append(origin).append("\r\nAccess-Control-Allow-Credentials: true\r\nVary: Origin\r\n");
    if (x.head().method == "OPTIONS") {
        lines += "Access-Control-Allow-Methods: GET, POST, OPTIONS\r\n";
        if (const auto wanted = wire::http1::find(fields, "access-control-request-headers"); !wanted.empty())
            lines.append("Access-Control-Allow-Headers: ").append(wanted).append("\r\n");
    }
    return lines;
}

std::string sentence_of(const Asked& asked, const Judgement& judgement)
{
    std::string text = "Paravent stopped this request to " + std::string(asked.host) + ": rule " + judgement.rule;
    if (!judgement.verdict.rule.sentence.empty())
        text.append(". ").append(judgement.verdict.rule.sentence);
    return text;
}

} // namespace

awaitable<void> answer_error(Exchange& x, unsigned status, std::string_view code, std::string_view sentence)
{
    Content content{status, "text/plain; charset=utf-8", std::string(sentence) + "\n"};
    std::string extra;
    if (status == 200)
        content.body.clear();
    else
        extra.append("Paravent-Error: ").append(code).append("\r\n");
    co_await write(x, content, std::move(extra));
}

Failure failure_of(const boost::system::error_code& error) noexcept
{
    if (error.category() == wire::make_error_code(wire::Error::bad_request).category())
        return {502, "upstream-protocol"};
    if (error == net::Error::timeout)
        return {504, "timeout"};
    if (error == net::Error::dns)
        return {502, "dns"};
    if (error == net::Error::refused_port)
        return {403, "refused-port"};
    if (error == net::Error::refused_destination)
        return {403, "refused-destination"};
    if (error == net::Error::tls)
        return {502, "upstream-tls"};
    if (error == net::Error::loop)
        return {403, "loop"};
    return {502, "connect"};
}

awaitable<void> answer_json(Exchange& x, std::string json, std::string extra)
{
    const Content content{200, "application/json", std::move(json)};
    extra += "Cache-Control: no-store\r\n" + cors_lines(x);
    co_await write(x, content, std::move(extra));
}

awaitable<void> answer_blocked(Connection& connection, Exchange& x, const Asked& asked, const Judgement& judgement,
                               std::size_t events)
{
    const bool person = asked.type == Type::document || asked.type == Type::subdocument;
    const StandIn& given = blocked_request(judgement.verdict.rule.category, asked.url);
    if (!person && given.status < 400) {
        const Content content{given.status, given.type, body_of(given, events)};
        co_return co_await write(x, content, rule_line(judgement) + cors_lines(x));
    }
    Content content{403, "text/plain; charset=utf-8", {}};
    if (person) {
        content.type = "text/html; charset=utf-8";
        content.body = blocked_page(connection, asked, sentence_of(asked, judgement));
    } else {
        content.body = sentence_of(asked, judgement) + "\n";
    }
    co_await write(x, content, rule_line(judgement));
}

awaitable<void> answer_script(Exchange& x, unsigned status, std::string script)
{
    const Content content{status, script_type, std::move(script)};
    std::string extra = "Cache-Control: no-store\r\n" + cors_lines(x);
    co_await write(x, content, std::move(extra));
}

awaitable<void> answer_instead(Connection& connection, Exchange& x, const Asked& asked, const Judgement& judgement)
{
    const StandIn& given = stand_in(judgement.verdict, judgement.mode, asked.type, asked.method);
    Content content{given.status, given.type, std::string(given.body)};
    if (given.reports) {
        const auto password = connection.worker.shared.report_tokens.password(connection.client()->device.id);
        content.body.append("(\"").append(password).append("\");\n");
    }
    std::string extra = rule_line(judgement) + cors_lines(x);
    co_await write(x, content, std::move(extra));
}

} // namespace paravent::server
