#include "proxy/wire/http1.hpp"
#include "proxy/wire/target.hpp"

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

/// Whatever is taken for a request's head comes out as one head with the same meaning, and is no head when cut short.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    RequestHead head;
    const auto taken = parse_request(in, head);
    if (!taken || *taken == 0)
        return 0;
    require(*taken <= size && *taken <= max_head && head.fields.size() <= max_fields);

    std::string written;
    Outgoing out{head.method, "/", "a.example", head.framing, head.length};
    const auto target = parse_target(head.target, head.method == "CONNECT");
    const std::string path = target ? origin_form(*target, head.method) : "/";
    if (head.method != "CONNECT" && !path.empty())
        out.target = path;
    out.close = !head.keep_alive;
    out.upgrade = head.upgrade;
    out.te_trailers = head.te_trailers;
    out.expect_continue = head.expect_continue;
    write_request(written, out, head.fields);

    RequestHead again;
    const auto second = parse_request(written, again);
    if (second) { // or what we add goes over a bound
        require(*second == written.size());
        require(again.method == head.method && again.framing == head.framing && again.length == head.length);
        require(again.host == "a.example" && again.target == out.target);
        require(again.te_trailers == out.te_trailers && again.upgrade == out.upgrade);
        require(again.expect_continue == out.expect_continue);
    } else {
        require(second.error() != make_error_code(Error::bad_request));
    }

    const std::size_t cut = data[size / 2] * *taken / 256;
    const auto part = parse_request(in.substr(0, cut), head);
    require(part.has_value() && *part == 0);
    return 0;
}
