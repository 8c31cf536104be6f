#include "proxy/wire/target.hpp"

#include <cstdint>
#include <cstdlib>

using namespace paravent::wire;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

} // namespace

/// A target that is read is read the same once it has been written out in normal form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    if (const auto target = parse_target(in, true)) {
        require(!target->host.empty() && target->port != 0 && target->path.empty());
        const std::string port = std::to_string(target->port);
        const std::string written = host_field(target->host, 1, true);
        const auto again = parse_target(written.substr(0, written.size() - 1) + port, true);
        require(again.has_value() && again->host == target->host && again->port == target->port);
        require(again->ip_literal == target->ip_literal);
    }
    if (const auto target = parse_target(in, false)) {
        const std::string path = origin_form(*target, "GET");
        require(path == "*" || path.front() == '/');
        require(path.find('#') == std::string::npos);
        if (target->form == Target::Form::absolute) {
            require(!target->host.empty() && target->port != 0);
            const std::string written =
                (target->https ? "https://" : "http://") + host_field(target->host, target->port, target->https) + path;
            const auto again = parse_target(written, false);
            require(again.has_value() && again->host == target->host && again->port == target->port);
            require(again->https == target->https && again->path == path && again->ip_literal == target->ip_literal);
        }
    }
    if (const auto host = parse_host(in))
        require(parse_host(host_field(host->host, host->port == 0 ? 80 : host->port, false))->host == host->host);
    return 0;
}
