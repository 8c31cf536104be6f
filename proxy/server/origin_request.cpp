#include "proxy/server/origin_request.hpp"

#include "proxy/server/way.hpp"

namespace paravent::server {

namespace h1 = wire::http1;

std::string origin_request(const config::Settings& settings, const Exchange::Head& head)
{
    const auto& target = head.target;
    const auto host = wire::host_field(target.host, target.port, target.https);
    const bool parent = speaks_to_parent(settings) && !target.https; // to https it only opened the way
    std::string path = wire::origin_form(target, head.method);
    std::string extra = parent ? parent_authorization(settings) : std::string{};
    h1::Outgoing out;
    out.method = head.method;
    const std::string absolute = parent ? "http://" + host + (path == "*" ? "" : path) : std::string{};
    out.target = parent ? absolute : path;
    out.host = host;
    if (head.has_body)
        out.framing = head.length ? h1::Framing::length : h1::Framing::chunked;
    else if (head.length)
        out.framing = h1::Framing::length; // an announced length of 0 is kept
    out.length = head.length.value_or(0);
    out.upgrade = head.has_body ? std::string_view{} : head.upgrade;
    out.expect_continue = head.expect_continue;
    out.te_trailers = head.te_trailers;
    out.received = head.version;
    // Max-Forwards counts hops for OPTIONS and TRACE alone.
    const auto forwards = h1::find(*head.fields, "max-forwards");
    const auto hops = wire::parse_decimal(forwards, 1'000'000);
    std::string bytes;
    if ((head.method == "OPTIONS" || head.method == "TRACE") && hops && *hops > 0) {
        extra += "Max-Forwards: " + std::to_string(*hops - 1) + "\r\n";
        auto fields = *head.fields;
        std::erase_if(fields, [](const auto& field) { return h1::equals_ignore_case(field.name, "max-forwards"); });
        out.extra = extra;
        h1::write_request(bytes, out, fields);
    } else {
        out.extra = extra;
        h1::write_request(bytes, out, *head.fields);
    }
    return bytes;
}

bool is_idempotent(std::string_view method) noexcept
{
    return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "PUT" ||
           method == "DELETE";
}

} // namespace paravent::server
