#include "proxy/lists/subscriptions.hpp"

#include "proxy/files/file.hpp"
#include "proxy/lists/candidate.hpp"
#include "proxy/lists/fetcher.hpp"
#include "proxy/lists/kept.hpp"
#include "proxy/lists/schedule.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <random>
#include <set>
#include <thread>

namespace paravent::lists {
namespace {

namespace fs = std::filesystem;

std::int64_t now_ms()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

fs::path facts_of(const fs::path& text)
{
    return fs::path(text).replace_extension(".json");
}

bool same_content(const fs::path& one, const fs::path& other)
{
    std::error_code ignored;
    if (fs::file_size(one, ignored) != fs::file_size(other, ignored))
        return false;
    std::ifstream a(one, std::ios::binary), b(other, std::ios::binary);
    using Bytes = std::istreambuf_iterator<char>;
    return a && b && std::equal(Bytes(a), Bytes(), Bytes(b), Bytes());
}

/// The new text in the place of the old one. Returns why not, else empty.
std::string put_in_place(const fs::path& fresh, const fs::path& text)
{
    if (rename(fresh.c_str(), text.c_str()) != 0) {
        std::string why = "could not be kept: " + std::error_code(errno, std::generic_category()).message();
        unlink(fresh.c_str());
        return why;
    }
    const files::File folder(text.parent_path(), O_RDONLY | O_DIRECTORY);
    if (folder)
        (void)fsync(folder.fd()); // where it cannot be done, a crash brings back the old text
    return {};
}

std::string upstream_of(const config::Settings& settings)
{
    const auto& upstream = settings.upstream;
    using Kind = std::remove_cvref_t<decltype(upstream.kind)>;
    if (upstream.kind == Kind::none)
        return {};
    const bool v6 = upstream.host.find(':') != std::string::npos;
    return (upstream.kind == Kind::http ? "http://" : "socks5h://") + (v6 ? "[" + upstream.host + "]" : upstream.host) +
           ":" + std::to_string(upstream.port);
}

struct Subscription {
    std::string name, url;
    bool insecure = false, on = true, asked = false;
    Kept kept;
    std::int64_t tried_ms = 0;
    unsigned failures = 0;
    double jitter = 0.5;
    std::string error; ///< of the last attempt

    std::int64_t due(std::int64_t now) const
    {
        return asked ? now : due_ms({kept.checked_ms, tried_ms, failures, kept.expires, jitter}, now);
    }
};

/// Who waits until some lists were tried.
struct Waiting {
    std::uint64_t number; ///< an attempt counts that began after this
    std::set<std::string> names;
    std::function<void()> done;
};

} // namespace

struct Subscriptions::State {
    fs::path directory, helper;
    Events events;
    mutable std::mutex mutex; ///< over all below
    std::shared_ptr<const config::Settings> settings;
    std::vector<Subscription> all;
    std::vector<Waiting> waiting;
    std::uint64_t waited = 0; ///< the last one's number
    bool stirred = false;     ///< something changed while the thread slept
    std::condition_variable_any wake;
    std::minstd_rand random{std::random_device{}()};
    std::jthread thread;

    fs::path text_of_list(const std::string& name) const { return kept_text(directory, name); }

    Subscription* find(std::string_view name, std::string_view url)
    {
        const auto found =
            std::ranges::find_if(all, [&](const auto& one) { return one.name == name && one.url == url; });
        return found == all.end() ? nullptr : &*found;
    }

    // These with the mutex held.

    Subscription* most_due(std::int64_t now)
    {
        Subscription* first = nullptr;
        for (auto& one : all)
            if (one.on && (first == nullptr || one.due(now) < first->due(now)))
                first = &one;
        return first;
    }

    Subscription begin(const config::List& list)
    {
        Subscription one;
        one.name = list.name;
        one.url = list.url;
        one.jitter = std::uniform_real_distribution<double>(0, 1)(random);
        // What came from another address is no answer to this one, and a text that is gone is to come again.
        std::error_code ignored;
        auto kept = read_kept(facts_of(text_of_list(list.name)));
        if (kept.url == list.url && fs::exists(text_of_list(list.name), ignored))
            one.kept = std::move(kept);
        return one;
    }

    FetchRequest request_for(const Subscription& one) const
    {
        FetchRequest request;
        request.url = one.url;
        request.insecure = one.insecure;
        std::error_code ignored;
        if (fs::exists(text_of_list(one.name), ignored)) {
            request.etag = one.kept.etag;
            request.last_modified = one.kept.last_modified;
        }
        request.trust = settings->tls.trust;
        request.upstream = upstream_of(*settings);
        request.upstream_user = settings->upstream.user;
        request.upstream_password = settings->upstream.password;
        request.connect = settings->limits.connect + settings->limits.tls;
        request.idle = settings->limits.idle;
        request.whole = settings->limits.fetch;
        return request;
    }

    // These without it.

    void stir()
    {
        {
            const std::lock_guard lock(mutex);
            stirred = true;
        }
        wake.notify_all();
    }

    /// It may have been taken away while it was on its way.
    bool still_wanted(const Subscription& asked)
    {
        const std::lock_guard lock(mutex);
        return find(asked.name, asked.url) != nullptr;
    }

    /// One list, from asking to the text that is in force.
    FetchReply fetch(const Subscription& asked, const FetchRequest& request, const std::stop_token& stop)
    {
        const auto text = text_of_list(asked.name);
        auto fresh = text;
        fresh += ".new";
        std::error_code ignored;
        fs::create_directories(text.parent_path(), ignored);
        chmod(text.parent_path().c_str(), 0700);

        auto reply = run_helper(helper, request, fresh, stop);
        if (stop.stop_requested() || !still_wanted(asked)) {
            unlink(fresh.c_str());
            return reply;
        }
        if (reply.kind == FetchReply::Kind::text && has_shrunk_away(asked.kept.rules, reply.rules))
            reply.error = "has " + std::to_string(reply.rules) + " rules where there were " +
                          std::to_string(asked.kept.rules) + "; if that is right, take the list away and add it again";
        if (reply.kind == FetchReply::Kind::text && reply.error.empty() && !same_content(fresh, text)) {
            reply.error = put_in_place(fresh, text);
            if (reply.error.empty())
                put_in_force();
        }
        unlink(fresh.c_str()); // what was not taken
        return reply;
    }

    /// What came of an attempt, in memory and beside the text (the text first: an old ETag costs a transfer, a new one
    /// beside an old text would keep that for ever).
    void note(const Subscription& asked, const FetchReply& reply)
    {
        Kept kept = asked.kept;
        if (!still_wanted(asked))
            return;
        if (reply.error.empty()) {
            kept.url = asked.url;
            kept.checked_ms = now_ms();
            kept.etag = reply.etag;
            kept.last_modified = reply.last_modified;
            if (reply.kind == FetchReply::Kind::text) {
                kept.rules = reply.rules;
                kept.expires = reply.expires;
            }
            if (const auto error = write_kept(facts_of(text_of_list(asked.name)), kept))
                events.warn("list " + asked.name + ": what is known of it could not be kept: " + error.message());
        }
        bool news = false;
        {
            const std::lock_guard lock(mutex);
            Subscription* one = find(asked.name, asked.url);
            if (one == nullptr)
                return;
            one->tried_ms = now_ms();
            news = one->error != reply.error && !reply.error.empty();
            one->error = reply.error;
            one->failures = reply.error.empty() ? 0 : one->failures + 1;
            if (reply.error.empty())
                one->kept = std::move(kept);
        }
        if (news)
            events.warn("list " + asked.name + ": " + asked.url + " " + reply.error);
        else if (reply.error.empty() && reply.kind == FetchReply::Kind::text)
            events.info("list " + asked.name + ": came with " + std::to_string(reply.rules) + " rules");
    }

    void put_in_force()
    {
        try {
            events.changed();
        } catch (const std::exception& error) {
            events.warn(std::string("the lists that came are not in force: ") + error.what());
        }
    }

    /// Calls those who wait for `name` alone now, and were there when it was begun.
    void tell(const std::string& name = {}, std::uint64_t begun = 0)
    {
        std::vector<Waiting> ready;
        {
            const std::lock_guard lock(mutex);
            for (auto& one : waiting)
                if (one.number <= begun)
                    one.names.erase(name);
            const auto end = std::ranges::partition(waiting, [](const auto& one) { return !one.names.empty(); });
            std::ranges::move(end, std::back_inserter(ready));
            waiting.erase(end.begin(), end.end());
        }
        for (const auto& one : ready)
            one.done();
    }

    void run(const std::stop_token& stop)
    {
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            const auto now = now_ms();
            Subscription* next = most_due(now);
            if (next == nullptr || next->due(now) > now) {
                // The system's clock may be set while we sleep: looked at again now and then.
                constexpr std::int64_t longest_sleep = 10 * 60'000;
                const auto sleep = next == nullptr ? longest_sleep : std::min(next->due(now) - now, longest_sleep);
                wake.wait_for(lock, stop, std::chrono::milliseconds{sleep},
                              [this] { return std::exchange(stirred, false); });
                continue;
            }
            next->asked = false;
            const Subscription asked = *next;
            const auto request = request_for(asked);
            const auto begun = waited;
            lock.unlock();
            const auto reply = fetch(asked, request, stop);
            if (!stop.stop_requested()) {
                note(asked, reply);
                tell(asked.name, begun);
            }
            lock.lock();
        }
    }
};

Subscriptions::Subscriptions(fs::path state_directory, const fs::path& program, Events events)
    : state_(std::make_unique<State>())
{
    state_->directory = std::move(state_directory);
    state_->helper = helper_beside(program);
    state_->events = std::move(events);
}

Subscriptions::~Subscriptions() = default;

void Subscriptions::configure(std::shared_ptr<const config::Settings> settings, const OwnerSwitch& owner_switch)
{
    std::vector<std::string> gone;
    {
        const std::lock_guard lock(state_->mutex);
        auto before = std::exchange(state_->all, {});
        state_->settings = std::move(settings);
        for (const auto& list : state_->settings->lists) {
            if (list.url.empty())
                continue;
            const auto known = std::ranges::find_if(
                before, [&](const auto& one) { return one.name == list.name && one.url == list.url; });
            auto one = known != before.end() ? *known : state_->begin(list);
            one.insecure = list.insecure;
            one.on = owner_switch(list.name).value_or(list.enabled);
            state_->all.push_back(std::move(one));
        }
        for (const auto& one : before)
            if (std::ranges::find(state_->settings->lists, one.name, &config::List::name) ==
                state_->settings->lists.end())
                gone.push_back(one.name);
        for (const auto& one : before)
            for (auto& waiting : state_->waiting)
                if (const auto* still = state_->find(one.name, one.url); still == nullptr || !still->on)
                    waiting.names.erase(one.name);
    }
    for (const auto& name : gone) {
        unlink(state_->text_of_list(name).c_str());
        unlink(facts_of(state_->text_of_list(name)).c_str());
    }
    state_->tell();
    state_->stir();
}

void Subscriptions::start()
{
    state_->thread = std::jthread([this](const std::stop_token& stop) { state_->run(stop); });
}

void Subscriptions::stop()
{
    state_->thread = {}; // asked to stop and waited for; a helper that runs is ended
}

void Subscriptions::update(std::function<void()> done)
{
    {
        const std::lock_guard lock(state_->mutex);
        Waiting waiting{++state_->waited, {}, std::move(done)};
        for (auto& one : state_->all)
            if (one.on) {
                one.asked = true;
                waiting.names.insert(one.name);
            }
        state_->waiting.push_back(std::move(waiting));
    }
    state_->tell();
    state_->stir();
}

void Subscriptions::describe(std::vector<ListStatus>& lists) const
{
    const std::lock_guard lock(state_->mutex);
    for (auto& list : lists) {
        const auto* one = state_->find(list.name, list.source);
        if (one == nullptr)
            continue;
        list.checked_ms = one->kept.checked_ms;
        if (!one->error.empty())
            list.error = one->url + " " + one->error + in_force_all_the_same(list.updated_ms);
    }
}

} // namespace paravent::lists
