// What a page makes the stand-in report, or writes in its place.
#include "proxy/activity/report.hpp"

#include "proxy/activity/facts.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace paravent::activity;
    const auto event = read_report({reinterpret_cast<const char*>(data), size});
    if (event && (event->account.empty() || event->identifiers.size() > max_identifiers ||
                  event->custom.size() > max_custom || event->contents.size() > max_contents))
        std::abort();
    return 0;
}
