#include "proxy/import/confine.hpp"

#include "proxy/helper/confine.hpp"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace paravent::imports {
namespace {

/// Beyond what the program takes with its libraries: what it may have on top of them, so that all of it that is in
/// memory stays under 64 MiB.
constexpr std::uint64_t address_space = std::uint64_t{40} << 20;
constexpr std::uint64_t libraries = std::uint64_t{160} << 20; ///< where /proc cannot tell
constexpr std::uint64_t processor_seconds = 600;

/// An archive of a few megabytes can unpack to more than a day's work. Nothing has been written yet.
extern "C" void out_of_time(int)
{
    constexpr std::string_view line = "{\"error\":\"This file takes too long to read: it unpacks to far more than an "
                                      "export of Meta's. Ask Meta for a shorter time.\"}\n";
    (void)!write(STDOUT_FILENO, line.data(), line.size());
    _exit(1);
}

} // namespace

std::string confine()
{
    (void)std::signal(SIGXCPU, out_of_time);
    helper::Confinement kept;
    const auto taken = helper::address_space_taken();
    kept.address_space = (taken > 0 ? taken : libraries) + address_space;
    kept.processor_seconds = processor_seconds;
    kept.niceness = 19; // ten seconds' work, for which a small computer's proxy would wait
    kept.last_seconds = 5;
    return helper::confine(kept);
}

} // namespace paravent::imports
