#include "proxy/wire/http1.hpp"

#include <array>
#include <cassert>
#include <charconv>

namespace paravent::wire::http1 {
namespace {

void write_number(std::string& to, std::uint64_t value, int base = 10)
{
    std::array<char, 20> digits; // 2^64 has 20 decimal digits
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
    to.append(digits.data(), static_cast<std::size_t>(end.ptr - digits.data()));
}

void write_field(std::string& to, std::string_view name, std::string_view value)
{
    to.append(name).append(": ").append(value).append("\r\n");
}

void write_passing(std::string& to, const std::vector<Field>& fields)
{
    const HopByHop hop(fields);
    for (const Field& field : fields)
        if (!hop.drops(field.name))
            write_field(to, field.name, field.value);
}

void write_framing(std::string& to, Framing framing, std::uint64_t length)
{
    if (framing == Framing::chunked) {
        to.append("Transfer-Encoding: chunked\r\n");
    } else if (framing == Framing::length) {
        to.append("Content-Length: ");
        write_number(to, length);
        to.append("\r\n");
    }
}

} // namespace

void write_request(std::string& to, const Outgoing& out, const std::vector<Field>& fields)
{
    to.append(out.method).append(" ").append(out.target).append(" HTTP/1.1\r\n");
    write_field(to, "Host", out.host);
    write_passing(to, fields);
    write_framing(to, out.framing, out.length);
    to.append("Via: ").append(out.received).append(" paravent\r\n");

    const bool upgrade = !out.upgrade.empty();
    if (out.close || upgrade || out.te_trailers) {
        to.append("Connection: ");
        std::string_view between;
        const auto option = [&](bool wanted, std::string_view name) {
            if (!wanted)
                return;
            to.append(between).append(name);
            between = ", ";
        };
        option(out.close, "close");
        option(upgrade, "upgrade");
        option(out.te_trailers, "TE");
        to.append("\r\n");
    }
    if (upgrade)
        write_field(to, "Upgrade", out.upgrade);
    if (out.te_trailers)
        to.append("TE: trailers\r\n");
    if (out.expect_continue)
        to.append("Expect: 100-continue\r\n");
    to.append(out.extra).append("\r\n");
}

void write_response(std::string& to, const Reply& reply, const std::vector<Field>& fields)
{
    assert(reply.framing != Framing::chunked || reply.client_minor >= 1);
    const bool interim = reply.status < 200;
    to.append("HTTP/1.1 ");
    write_number(to, reply.status);
    to.append(" ").append(reason_of(reply.status)).append("\r\n");
    write_passing(to, fields);

    // RFC 9112, section 6.3: these end at their head, so they must not announce more.
    if (!interim && reply.status != 204)
        write_framing(to, reply.length_only ? Framing::length : reply.framing, reply.length);
    if (reply.status == 101) {
        to.append("Connection: upgrade\r\n");
        write_field(to, "Upgrade", reply.upgrade);
    } else if (!interim) {
        if (!reply.keep_alive || reply.framing == Framing::until_close)
            to.append("Connection: close\r\n");
        else if (reply.client_minor == 0)
            to.append("Connection: keep-alive\r\n");
    }
    to.append(reply.extra).append("\r\n");
}

void write_chunk_head(std::string& to, std::size_t size)
{
    write_number(to, size, 16);
    to.append("\r\n");
}

void write_last_chunk(std::string& to, std::string_view trailer)
{
    to.append("0\r\n").append(trailer).append("\r\n");
}

} // namespace paravent::wire::http1
