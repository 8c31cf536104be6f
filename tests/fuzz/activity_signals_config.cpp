// The script that tells a pixel what it may do on a site; it comes from Meta, and holds what a shop wrote.
#include "proxy/activity/event.hpp"
#include "proxy/activity/gateways.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace paravent::activity;
    const auto hosts = gateways_in({reinterpret_cast<const char*>(data), size});
    if (hosts.size() > max_gateways)
        std::abort();
    for (const auto& host : hosts)
        if (host.empty() || host.size() > 253 || is_meta(host) || host.find_first_of("/:@ \r\n\"") != host.npos)
            std::abort();
    return 0;
}
