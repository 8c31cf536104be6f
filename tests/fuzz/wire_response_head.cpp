#include "proxy/wire/http1.hpp"

#include <cstdint>
#include <cstdlib>

using namespace paravent::wire;
using namespace paravent::wire::http1;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

/// Whatever is taken for a response's head comes out as one head with the same meaning. The first byte chooses the
/// method.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view method = data[0] % 4 == 0 ? "HEAD" : data[0] % 4 == 1 ? "CONNECT" : "GET";
    const std::string_view in(reinterpret_cast<const char*>(data + 1), size - 1);
    ResponseHead head;
    const auto taken = parse_response(in, method, head);
    if (!taken || *taken == 0)
        return 0;
    require(*taken <= in.size() && *taken <= max_head && head.fields.size() <= max_fields);
    require(head.status >= 100 && head.status <= 999);

    Reply reply{head.status, head.framing, head.length};
    reply.length_only = head.framing == Framing::none && head.has_length && head.status >= 200;
    reply.keep_alive = head.keep_alive;
    reply.upgrade = head.upgrade;
    std::string written;
    write_response(written, reply, head.fields);
    ResponseHead again;
    const auto second = parse_response(written, method, again);
    if (second) { // or what we add goes over a bound
        require(*second == written.size());
        require(again.status == head.status && again.framing == head.framing);
        require(head.status < 200 || head.status == 204 || again.length == head.length);
        require(again.upgrade == head.upgrade);
    } else {
        require(head.fields.size() + 2 > max_fields || written.size() > max_head);
    }

    const auto part = parse_response(in.substr(0, data[size / 2] * *taken / 256), method, head);
    require(part.has_value() && *part == 0);
    return 0;
}
