#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace paravent::cli {

/// The numbers of `match --time`. Time is what this program had a processor for: others run on the same machine.
class Timing {
public:
    /// Calls `load()` again and again, and each time looks at what memory is in use behind it that was not before.
    template <typename Load>
    auto measure_load(Load load)
    {
        auto loaded = load(); // warms up: what libraries set up once is not the rules'
        for (int pass = 0; pass < load_passes; ++pass) {
            loaded = {};
            begin_load();
            loaded = load();
            end_load();
        }
        return loaded;
    }
    void look_at_memory(); ///< when the texts of the lists are gone

    /// Judges `count` requests by calling `judge(i)` again and again: once to warm up, then for the mean of all, then
    /// one by one. What counts is the least that several passes took.
    template <typename Judge>
    void measure(std::size_t count, Judge judge)
    {
        std::uint64_t least = ~std::uint64_t{0};
        for (int pass = 0; pass <= passes; ++pass) {
            const std::uint64_t start = processor_ns();
            for (std::size_t i = 0; i < count; ++i)
                judge(i);
            if (const std::uint64_t took = processor_ns() - start; pass > 0 && took < least)
                least = took;
        }
        total_ns_ += least;
        requests_ += count;
        std::vector<std::uint32_t> each(count, ~std::uint32_t{0});
        for (int pass = 0; pass < passes; ++pass)
            for (std::size_t i = 0; i < count; ++i) {
                const std::uint64_t start = clock_ns();
                judge(i);
                note(each[i], clock_ns() - start);
            }
        keep(each);
    }

    /// {"load_ms","live_bytes","rss_bytes","requests","mean_ns","p50_ns","p99_ns"}
    std::string json_line();

private:
    static constexpr int passes = 5;
    static constexpr int load_passes = 3;

    void begin_load();
    void end_load();
    static std::uint64_t processor_ns();
    static std::uint64_t clock_ns();
    static void note(std::uint32_t& least, std::uint64_t ns);
    void keep(const std::vector<std::uint32_t>& each);

    std::uint64_t load_start_ = 0;
    std::uint64_t load_ns_ = ~std::uint64_t{0};
    std::uint64_t live_before_ = 0, live_bytes_ = 0, rss_bytes_ = 0;
    std::uint64_t requests_ = 0, total_ns_ = 0;
    std::vector<std::uint32_t> samples_; ///< of the first millions of requests
};

} // namespace paravent::cli
