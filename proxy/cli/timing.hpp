#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace paravent::cli {

/// The numbers of `match --time`.
class Timing {
public:
    void begin_load();
    void end_load(); ///< also looks at the memory that is left in use
    void begin_request() { request_ = Clock::now(); }
    void end_request();

    /// {"load_ms","live_bytes","rss_bytes","requests","mean_ns","p50_ns","p99_ns"}
    std::string json_line();

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point load_, request_;
    double load_ms_ = 0;
    std::uint64_t live_before_ = 0, live_bytes_ = 0, rss_bytes_ = 0;
    std::uint64_t requests_ = 0, total_ns_ = 0;
    std::vector<std::uint32_t> samples_; ///< of the first millions of requests
};

} // namespace paravent::cli
