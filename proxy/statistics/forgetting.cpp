// What the owner asks for: forgetting, and a copy. See state.hpp for the locks.

#include "proxy/statistics/event_blob.hpp"
#include "proxy/statistics/matching.hpp"
#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace paravent::statistics {

/// A broken database is forgotten whole. @throws std::runtime_error for any other
void Recorder::State::not_forgotten(const Unusable& why)
{
    failed(why);
    if (why.kind() != Unusable::Kind::broken)
        throw std::runtime_error(std::string{"what is stored could not be forgotten: "} + why.what());
}

std::uint64_t Recorder::State::forget(std::string_view device, std::string_view site)
{
    std::string asked{site};
    std::transform(asked.begin(), asked.end(), asked.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    const std::lock_guard disk_lock(disk);
    // Nothing may come between: what is in memory goes whatever the disk says.
    const bool everything = device.empty() && asked.empty();
    std::uint64_t forgotten = 0;
    {
        const std::lock_guard lock(mutex);
        forgotten = pending.erase([&](const EventBlob& blob) {
            const auto facts = facts_of(blob);
            return !facts || concerns(*facts, device, asked);
        });
        Counters being_written;
        for (const auto& counts : std::exchange(counts_being_written, {}))
            being_written.add(counts);
        for (auto* part : {&counters, &being_written})
            if (everything)
                *part = {};
            else if (asked.empty())
                part->forget(Dimension::device, [&](std::string_view label) { return label == device; });
            else if (device.empty())
                part->forget(Dimension::site,
                             [&](std::string_view label) { return site_matches(label, label, asked); });
        if (everything)
            hits.clear();
        counts_being_written = being_written.take();
    }
    try {
        leave_if_moved();
        open();
        forgotten += store->forget(device, asked);
    } catch (const Unusable& why) {
        not_forgotten(why);
    } catch (const SQLite::Exception& error) {
        not_forgotten(unusable(error, file));
    }
    remove_broken_ones(file);
    if (!store)
        return forgotten;
    try {
        const std::lock_guard lock(reading);
        reader.reset();
        store->compact();
    } catch (const SQLite::Exception& error) {
        // Most likely the disk has no room for a second copy.
        throw std::runtime_error(
            "it is forgotten, but traces may be left in the file until there is room on the disk (" +
            std::string{error.what()} + ")");
    }
    return forgotten;
}

void Recorder::State::copy_to(const std::filesystem::path& target)
{
    const std::lock_guard lock(disk);
    if (guest)
        throw std::runtime_error("no copy was made: the database is being handed over to a new version just now");
    if (!write()) {
        const std::lock_guard memory(mutex);
        throw std::runtime_error("no copy was made: " + problem);
    }
    try {
        store->copy_to(target);
    } catch (const SQLite::Exception& error) {
        throw std::runtime_error("no copy was made at " + target.string() + ": " + error.what());
    } catch (const std::system_error& error) {
        throw std::runtime_error("no copy was made: " + std::string{error.what()});
    }
}

} // namespace paravent::statistics
