#include "proxy/wire/socks5.hpp"

#include <cstdint>
#include <cstdlib>

using namespace paravent::wire;
using namespace paravent::wire::socks5;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

/// No start of what is whole is whole or an error.
template <class Parse>
void check_whole(Parse parse, std::string_view in)
{
    const auto taken = parse(in);
    if (!taken || *taken == 0)
        return;
    require(*taken <= in.size());
    for (std::size_t n = 0; n < *taken; ++n) {
        const auto part = parse(in.substr(0, n));
        require(part.has_value() && *part == 0);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    Greeting greeting;
    Request request;
    Reply code{};
    Method method{};
    bool accepted = false;
    check_whole([&](std::string_view s) { return parse_greeting(s, greeting); }, in);
    check_whole([&](std::string_view s) { return socks5::parse_request(s, request); }, in);
    check_whole([&](std::string_view s) { return parse_reply(s, code); }, in);
    check_whole([&](std::string_view s) { return parse_method(s, method); }, in);
    check_whole([&](std::string_view s) { return parse_password_reply(s, accepted); }, in);

    const auto taken = socks5::parse_request(in, request);
    if (!taken || *taken == 0)
        return 0;
    require((request.refusal == Reply::succeeded) == !request.host.empty());
    if (request.refusal != Reply::succeeded)
        return 0;
    Request again;
    const std::string written = client_request(request.host, request.port);
    const auto second = socks5::parse_request(written, again);
    require(second.has_value() && *second == written.size() && again.refusal == Reply::succeeded);
    require(again.host == request.host && again.port == request.port && again.ip_literal == request.ip_literal);
    return 0;
}
