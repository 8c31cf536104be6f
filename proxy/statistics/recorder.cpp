#include "proxy/statistics/recorder.hpp"

#include "proxy/statistics/matching.hpp"
#include "proxy/statistics/privacy.hpp"
#include "proxy/statistics/state.hpp"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace paravent::statistics {
namespace {

constexpr auto patience_at_the_end = std::chrono::seconds{5};

} // namespace

Recorder::Recorder(Options options) : state_(std::make_shared<State>(std::move(options)))
{
    state_->writer = std::thread([state = state_] { state->run(); });
}

Recorder::~Recorder()
{
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->wake.notify_all();
    const bool stopped = state_->told.wait_for(lock, patience_at_the_end, [&] { return state_->stopped; });
    lock.unlock();
    if (stopped)
        state_->writer.join();
    else
        state_->writer.detach(); // it hangs on a dead disk, and keeps the state alive
}

void Recorder::configure(const Options& options)
{
    const std::lock_guard lock(state_->mutex);
    const auto database = state_->options.database;
    state_->options = options;
    state_->options.database = database;
    state_->used_up_day = State::no_day;
    state_->wake.notify_all();
}

void Recorder::count(std::string_view device, rules::Action action, std::string_view rule)
{
    state_->count(
        {.hour = hour_of(state_->now()), .device = device, .site = {}, .rule = rule, .product = {}, .action = action});
}

void Recorder::count_unjudged()
{
    state_->count({.hour = hour_of(state_->now()), .device = {}, .site = {}, .rule = {}, .product = {}, .action = {}});
}

Counts Recorder::judged() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->judged;
}

bool Recorder::keeps(std::int64_t time_ms, config::Privacy privacy) const noexcept
{
    return privacy != config::Privacy::counters && state_->used_up_day != time_ms / State::day_ms;
}

void Recorder::count_told(std::int64_t time_ms, std::string_view device, std::string_view site,
                          activity::Product product, rules::Action action, std::string_view rule)
{
    state_->count(
        {.hour = hour_of(time_ms), .device = device, .site = site, .rule = rule, .product = product, .action = action});
}

void Recorder::State::count(const Counted& counted)
{
    const std::lock_guard lock(mutex);
    const bool idle = !anything_pending();
    counters.add(counted);
    if (counted.action)
        judged.add(*counted.action);
    if (idle)
        wake.notify_one();
}

std::int64_t Recorder::record(activity::Event&& event, config::Privacy privacy)
{
    auto& state = *state_;
    if (event.time_ms == 0)
        event.time_ms = state.now();
    bound(event);
    const auto hour = hour_of(event.time_ms);
    const auto day = event.time_ms / State::day_ms;
    const auto exact_ms = event.time_ms;
    apply(privacy, event);

    std::shared_ptr<const State::Subscribers> subscribers;
    {
        const std::lock_guard lock(state.mutex);
        const bool idle = !state.anything_pending();
        state.counters.add({.hour = hour,
                            .device = event.device,
                            .site = site_label(event),
                            .rule = event.rule,
                            .product = event.product,
                            .action = event.verdict});
        state.judged.add(event.verdict);
        if (idle)
            state.wake.notify_one();
        if (privacy == config::Privacy::counters)
            return 0;
        if (event.twin != 0 && state.twins.is_second(event, exact_ms))
            return 0;
        if (day != state.day) {
            state.day = day;
            state.rows_of_day = 0;
        }
        if (state.rows_of_day >= state.options.max_rows_a_day) {
            state.used_up_day = day;
            return 0;
        }
        if (state.pending.full() || !state.has_id()) {
            ++state.dropped;
            return 0;
        }
        ++state.rows_of_day;
        if (event.twin != 0)
            state.twins.remember(event, exact_ms);
        event.id = state.next_id++;
        subscribers = state.subscribers;
        state.pending.push(event);
        if (!state.woken_early && state.pending.nearly_full()) {
            state.woken_early = state.wake_now = true;
            state.wake.notify_one();
        }
    }
    if (subscribers)
        for (const auto& subscriber : *subscribers) {
            const std::lock_guard lock(subscriber->mutex);
            if (subscriber->listener)
                subscriber->listener(event);
        }
    return event.id;
}

std::shared_ptr<void> Recorder::listen(Listener listener)
{
    auto subscriber = std::make_shared<State::Subscriber>();
    subscriber->listener = std::move(listener);
    const auto change = [](State& state, const auto& edit) {
        const std::lock_guard lock(state.mutex);
        auto list = state.subscribers ? *state.subscribers : State::Subscribers{};
        edit(list);
        state.subscribers = list.empty() ? nullptr : std::make_shared<const State::Subscribers>(std::move(list));
    };
    change(*state_, [&](State::Subscribers& list) { list.push_back(subscriber); });

    return {subscriber.get(), [subscriber, change, state = std::weak_ptr<State>{state_}](void*) {
                if (const auto alive = state.lock())
                    change(*alive, [&](State::Subscribers& list) { std::erase(list, subscriber); });
                const std::lock_guard lock(subscriber->mutex); // a call under way ends first
                subscriber->listener = nullptr;
            }};
}

EventPage Recorder::events(const EventQuery& query) const
{
    auto& state = *state_;
    const Matcher matcher{query};
    const std::size_t limit = std::clamp(query.limit, 1u, 1000u);
    auto before = query.before.value_or(INT64_MAX);
    EventPage page;
    auto& items = page.items;

    // One more than asked for: whether a next page has anything.
    const auto add_pending = [&](bool only_waiting = false) {
        const std::lock_guard lock(state.mutex);
        state.pending.each(
            [&](const EventBlob& blob) {
                if (blob.id < before)
                    if (const auto facts = facts_of(blob); facts && matcher.matches(*facts))
                        if (auto event = event_of(blob))
                            items.push_back(std::move(*event));
                return items.size() <= limit;
            },
            only_waiting);
    };
    const std::lock_guard reading(state.reading);
    try {
        state.open_reader();
        if (!state.reader)
            add_pending();
        else {
            {
                const std::lock_guard gate(state.gate);
                add_pending(state.begin_reading());
            }
            if (const auto stopped = state.reader->events(matcher, before, limit + 1, items)) {
                page.next = stopped->id;
                page.searched_to_ms = stopped->time_ms;
            }
            state.reader->end();
        }
    } catch (const SQLite::Exception& error) {
        state.query_failed(error);
        if (items.empty())
            add_pending();
    }
    if (items.size() > limit) {
        items.resize(limit);
        page.next = items.back().id;
        page.searched_to_ms.reset();
    }
    return page;
}

void Recorder::each(std::int64_t from_ms, std::int64_t to_ms, const std::function<void(const Detail&)>& visit) const
{
    auto& state = *state_;
    Detail detail;
    const auto add = [&](const EventBlob& blob) {
        if (blob.time_ms >= from_ms && blob.time_ms < to_ms && read_detail(blob, detail))
            visit(detail);
    };
    const auto add_pending = [&](bool only_waiting = false) {
        const std::lock_guard lock(state.mutex);
        state.pending.each(
            [&](const EventBlob& blob) {
                add(blob);
                return true;
            },
            only_waiting);
    };
    const std::lock_guard reading(state.reading);
    bool added = false;
    try {
        state.open_reader();
        if (state.reader) {
            {
                const std::lock_guard gate(state.gate);
                add_pending(state.begin_reading());
                added = true;
            }
            state.reader->each(add);
            state.reader->end();
        }
    } catch (const SQLite::Exception& error) {
        state.query_failed(error);
    }
    if (!added)
        add_pending();
}

Stats Recorder::stats(const StatsQuery& query) const
{
    auto& state = *state_;
    const auto from_hour = query.from_ms ? hour_of(*query.from_ms) : INT64_MIN;
    const auto to_hour = query.to_ms ? hour_of(*query.to_ms + hour_ms - 1) : INT64_MAX;
    Summary summary{query.by};
    bool added = false;

    const auto add_pending = [&](bool only_waiting = false) {
        std::vector<HourCounts> all;
        {
            const std::lock_guard lock(state.mutex);
            all = state.counters.peek();
            if (!only_waiting)
                all.insert(all.end(), state.counts_being_written.begin(), state.counts_being_written.end());
        }
        for (const auto& counts : all)
            if (counts.hour >= from_hour && counts.hour < to_hour)
                summary.add(counts);
        added = true;
    };
    const std::lock_guard reading(state.reading);
    try {
        state.open_reader();
        if (!state.reader)
            add_pending();
        else {
            {
                const std::lock_guard gate(state.gate);
                add_pending(state.begin_reading());
            }
            state.reader->counts(from_hour, to_hour, [&](const HourCounts& counts) { summary.add(counts); });
            state.reader->end();
        }
    } catch (const SQLite::Exception& error) {
        state.query_failed(error);
        if (!added)
            add_pending();
    }
    const auto now = state.now();
    const auto first = summary.first_hour().value_or(hour_of(now));
    auto stats = std::move(summary).result();
    stats.from_ms = (query.from_ms ? from_hour : first) * hour_ms;
    stats.to_ms = query.to_ms ? to_hour * hour_ms : now;
    return stats;
}

std::uint64_t Recorder::hits(std::string_view rule) const
{
    auto& state = *state_;
    std::unique_lock lock(state.mutex);
    state.told.wait_for(lock, std::chrono::seconds{1}, [&] { return state.hits_known || !state.problem.empty(); });
    const auto found = state.hits.find(std::string{rule});
    auto requests = (found == state.hits.end() ? 0 : found->second) + state.counters.requests_by_rule(rule);
    for (const auto& counts : state.counts_being_written)
        for (const auto& [label, n] : counts.by(Dimension::rule))
            requests += label == rule ? n.requests : 0;
    return requests;
}

std::uint64_t Recorder::forget(std::string_view device, std::string_view site)
{
    return state_->forget(device, site);
}

void Recorder::flush()
{
    const std::lock_guard disk(state_->disk);
    state_->write();
}

void Recorder::copy_to(const std::filesystem::path& file)
{
    state_->copy_to(file);
}

DatabaseState Recorder::database() const
{
    DatabaseState database;
    database.bytes = bytes_on_disk(state_->file);
    const std::lock_guard lock(state_->mutex);
    database.dropped = state_->dropped;
    database.state = !state_->problem.empty() ? DatabaseState::State::off
                     : !state_->moved.empty() ? DatabaseState::State::moved
                                              : DatabaseState::State::ok;
    database.problem = !state_->problem.empty() ? state_->problem : state_->moved;
    return database;
}

} // namespace paravent::statistics
