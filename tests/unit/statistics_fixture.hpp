#pragma once

#include "proxy/statistics/recorder.hpp"
#include "tests/unit/folder.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace paravent::statistics {

/// A folder for a test, with a database in it.
struct DatabaseFolder : Folder {
    std::filesystem::path database() const { return path / "statistics.db"; }
};

/// Nothing is written unless the test flushes.
inline Options options_for(const DatabaseFolder& folder)
{
    Options options;
    options.database = folder.database();
    options.retention = std::chrono::days{30};
    options.flush = std::chrono::hours{24};
    return options;
}

/// 2026-11-24T09:12:44.120Z
inline constexpr std::int64_t noon = 1'795'511'564'120;

inline activity::Event event(const std::string& site = "shop.example", const std::string& device = "d3f1")
{
    activity::Event e;
    e.time_ms = noon;
    e.device = device;
    e.address = "192.168.1.20";
    e.site = site;
    e.page = "https://" + site + "/cart";
    e.destination = "www.facebook.com";
    e.product = activity::Product::pixel;
    e.account = "1472749159700779";
    e.name = "Purchase";
    e.value = 59;
    e.currency = "EUR";
    e.contents = {{"4711", 1.0, 59.0}};
    e.custom = {{"content_name", "Shoes"}};
    e.identifiers = {"em", "ph", "fbp"};
    e.device_facts = {{"app", "com.example"}};
    e.event_id = true;
    e.verdict = rules::Action::answer;
    e.rule = "meta/pixel-event";
    e.seen_full = true;
    return e;
}

/// Waits for a condition, ten seconds at most.
template <typename Condition>
bool eventually(Condition condition)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::yield();
    }
    return true;
}

inline std::size_t stored_events(const Recorder& recorder)
{
    std::size_t n = 0;
    EventQuery query{.device = {},
                     .site = {},
                     .product = {},
                     .verdict = {},
                     .from_ms = {},
                     .to_ms = {},
                     .text = {},
                     .limit = 1000,
                     .before = {}};
    do {
        const auto page = recorder.events(query);
        n += page.items.size();
        query.before = page.next;
    } while (query.before);
    return n;
}

} // namespace paravent::statistics
