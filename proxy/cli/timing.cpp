#include "proxy/cli/timing.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
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

std::uint64_t now(clockid_t clock)
{
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
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
    ::malloc_trim(0);
    live_before_ = live_bytes();
    load_start_ = processor_ns();
}

void Timing::end_load()
{
    load_ns_ = std::min(load_ns_, processor_ns() - load_start_);
    live_bytes_ = live_bytes() - std::min(live_before_, live_bytes());
}

void Timing::look_at_memory()
{
    ::malloc_trim(0); // what reading needed is not what the rules hold
    rss_bytes_ = rss_bytes();
}

std::uint64_t Timing::processor_ns()
{
    return now(CLOCK_THREAD_CPUTIME_ID);
}

std::uint64_t Timing::clock_ns()
{
    return now(CLOCK_MONOTONIC);
}

void Timing::note(std::uint32_t& least, std::uint64_t ns)
{
    least = static_cast<std::uint32_t>(std::min<std::uint64_t>(ns, least));
}

void Timing::keep(const std::vector<std::uint32_t>& each)
{
    const std::size_t room = max_samples - std::min(max_samples, samples_.size());
    samples_.insert(samples_.end(), each.begin(),
                    each.begin() + static_cast<std::ptrdiff_t>(std::min(room, each.size())));
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
        static_cast<double>(load_ns_) / 1e6, static_cast<unsigned long long>(live_bytes_),
        static_cast<unsigned long long>(rss_bytes_), static_cast<unsigned long long>(requests_),
        static_cast<unsigned long long>(requests_ == 0 ? 0 : total_ns_ / requests_), at(50), at(99));
    return {line, static_cast<std::size_t>(size)};
}

} // namespace paravent::cli
