#include "proxy/cli/timing.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>
#include <malloc.h>
#include <unistd.h>

namespace paravent::cli {
namespace {

constexpr std::size_t max_samples = 4'000'000; // 16 MB

std::uint64_t live_bytes()
{
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

std::uint64_t rss_bytes()
{
    std::ifstream in("/proc/self/statm");
    std::uint64_t size = 0, resident = 0;
    in >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

void Timing::begin_load()
{
    live_before_ = live_bytes();
    load_ = Clock::now();
}

void Timing::end_load()
{
    load_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - load_).count();
    ::malloc_trim(0); // what reading needed is not what the rules hold
    live_bytes_ = live_bytes() - std::min(live_before_, live_bytes());
    rss_bytes_ = rss_bytes();
}

void Timing::end_request()
{
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - request_).count();
    ++requests_;
    total_ns_ += static_cast<std::uint64_t>(ns);
    if (samples_.size() < max_samples)
        samples_.push_back(
            static_cast<std::uint32_t>(std::min<std::int64_t>(ns, std::numeric_limits<std::uint32_t>::max())));
}

std::string Timing::json_line()
{
    std::sort(samples_.begin(), samples_.end());
    const auto at = [&](std::size_t percent) -> std::uint32_t {
        return samples_.empty() ? 0 : samples_[std::min(samples_.size() - 1, samples_.size() * percent / 100)];
    };
    char line[320];
    const int size = std::snprintf(
        line, sizeof line,
        R"({"load_ms": %.1f, "live_bytes": %llu, "rss_bytes": %llu, "requests": %llu, "mean_ns": %llu, "p50_ns": %u, "p99_ns": %u})",
        load_ms_, static_cast<unsigned long long>(live_bytes_), static_cast<unsigned long long>(rss_bytes_),
        static_cast<unsigned long long>(requests_),
        static_cast<unsigned long long>(requests_ == 0 ? 0 : total_ns_ / requests_), at(50), at(99));
    return {line, static_cast<std::size_t>(size)};
}

} // namespace paravent::cli
