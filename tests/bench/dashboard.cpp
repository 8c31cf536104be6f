// What the dashboard's pages wait for, with a million events stored: opening it, a filter's first hits, a text that is
// in none of them (searched in pieces, each ends with "searched to …").
#include "tests/unit/dashboard_desk.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

constexpr std::int64_t day_ms = 86'400'000;

void fill(Desk& desk, int events, std::int64_t now_ms)
{
    static const char* const names[] = {"PageView", "ViewContent", "AddToCart", "Purchase", "Search", "Lead"};
    const int days = 28;
    for (int i = 0; i < events; ++i) {
        const auto time = now_ms - days * day_ms + static_cast<std::int64_t>(i) * (days * day_ms / events);
        desk.record(names[i % 6], "shop" + std::to_string(i * 7919 % 3000) + ".example", std::to_string(1000 + i % 12),
                    time);
        if (i % 20'000 == 19'999)
            desk.recorder->flush();
    }
    desk.recorder->flush();
}

/// An export as that of a person who goes to many shops: 2,000 companies, three million events of two years.
void import(Desk& desk, std::int64_t now_ms)
{
    paravent::activity::MetaExport content;
    content.source = "facebook";
    const auto now_s = now_ms / 1000;
    for (int i = 0; i < 2000; ++i) {
        paravent::activity::ExportRow row;
        row.name = "shop" + std::to_string(i) + ".example";
        row.account = std::to_string(100'000'000'000 + i);
        row.first_s = now_s - 2 * 365 * 86'400;
        row.last_s = now_s - 86'400;
        row.types = {{"PURCHASE", 500}, {"PAGE_VIEW", 1000}};
        for (int day = 100; day > 0; --day)
            paravent::activity::count(row.days, paravent::activity::day_of(now_s - day * 86'400), 2);
        for (int month = 24; month >= 0; --month)
            paravent::activity::count(row.months, paravent::activity::month_of(now_s) - month, 60);
        content.rows.push_back(std::move(row));
    }
    desk.imports->add("", content, now_ms);
}

void measure(Desk& desk, const char* what, const std::string& target)
{
    std::vector<double> times;
    std::size_t bytes = 0;
    for (int run = 0; run < 5; ++run) {
        const auto begin = std::chrono::steady_clock::now();
        bytes = desk.ask("GET", target).body.size();
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    std::sort(times.begin(), times.end());
    std::printf("%-42s %8.1f ms  (longest of five %.1f), %zu bytes\n", what, times[2], times.back(), bytes);
}

} // namespace

int main(int argc, char** argv)
{
    const int events = argc > 1 ? std::atoi(argv[1]) : 1'000'000;
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    Desk desk;
    fill(desk, events, now);
    std::printf("%d events, %.0f MB\n", events, static_cast<double>(desk.recorder->database().bytes) / 1e6);
    measure(desk, "today", "/api/v1/today");
    measure(desk, "today's chart (stats by hour)", "/api/v1/stats?by=hour&from=" + std::to_string(now / 1000 - 86'400));
    measure(desk, "30 days by day", "/api/v1/stats?by=day&from=" + std::to_string(now / 1000 - 30 * 86'400));
    measure(desk, "30 days by site", "/api/v1/sites?from=" + std::to_string(now / 1000 - 30 * 86'400));
    measure(desk, "first 50 events", "/api/v1/events?limit=50");
    measure(desk, "first 50 of a device", "/api/v1/events?limit=50&device=1005");
    measure(desk, "first 50 of a site", "/api/v1/events?limit=50&site=shop17.example");
    measure(desk, "first 50 with a text", "/api/v1/events?limit=50&q=Purchase");
    measure(desk, "a text that is nowhere, first piece", "/api/v1/events?limit=50&q=nowhere");
    measure(desk, "a site that is nowhere, first piece", "/api/v1/events?limit=50&site=nowhere.example");
    measure(desk, "status", "/api/v1/status");
    import(desk, now);
    measure(desk, "Meta's list beside it (reconcile)", "/api/v1/reconcile");
    measure(desk, "what was withheld in this month", "/api/v1/withheld?month=2026-11");
    return 0;
}
