#include "proxy/net/resolver.hpp"

#include "proxy/net/ares_channel.hpp"
#include "proxy/net/error.hpp"
#include "proxy/net/local_names.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unordered_map>

namespace paravent::net {
namespace {

constexpr std::size_t most_cached = 8192;
constexpr std::int64_t shortest_ttl_ms = 1'000, longest_ttl_ms = 3'600'000;
constexpr std::int64_t stale_for_ms = 24 * 3'600'000;
constexpr std::int64_t failure_kept_ms = 2'000;
/// How long an answer that has run out is held back for a fresh one, and good again where none came (RFC 8767).
constexpr Millis stale_after{300};
constexpr std::int64_t stale_again_ms = 30'000;
/// How long the second family may take once the first has answered (RFC 8305, section 3).
constexpr Millis resolution_delay{50};

using Found = std::shared_ptr<const Addresses>;
using Answer = result<Found>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

struct Known {
    Found addresses; ///< null: it failed lately
    std::int64_t fresh_until = 0, stale_until = 0;
};

struct Question {
    explicit Question(asio::io_context& context) : timer(context.get_executor()) {}
    std::vector<std::function<void(const Answer&)>> askers;
    Addresses found;
    std::chrono::seconds ttl{std::chrono::hours{24}};
    int pending = 0;
    int denied = 0;           ///< families that somebody who knows says there are no addresses of
    bool interrupted = false; ///< the channel was replaced: nobody said anything
    bool timed_out = false;
    bool settled = false; ///< askers were answered; late addresses only serve the cache
    Timer timer;
};

std::int64_t resolv_conf_version() noexcept
{
    struct stat s{};
    return ::stat("/etc/resolv.conf", &s) == 0 ? s.st_mtim.tv_sec * 1'000'000'000 + s.st_mtim.tv_nsec : 0;
}

} // namespace

struct Resolver::State : std::enable_shared_from_this<Resolver::State> {
    explicit State(Options given) : options(std::move(given)), system_hosts("/etc/hosts"), own_hosts(options.hosts) {}

    Found from_memory(const std::string& name);
    void ask(const std::string& name, std::function<void(const Answer&)> asker);
    void open_channel();
    void take(const std::string& name, const std::shared_ptr<Question>& question, AresChannel::Reply reply);
    void settle(const std::string& name, const std::shared_ptr<Question>& question);
    void on_timer(const std::string& name, const std::shared_ptr<Question>& question, Millis wait, bool last);
    void remember(const std::string& name, const Question& question);
    void make_room();

    std::mutex mutex; ///< of what workers ask at once: hosts files and what is known
    Options options;
    HostsFile system_hosts, own_hosts;
    std::unordered_map<std::string, Known> known;

    // Only on the resolver's thread.
    asio::io_context context{1};
    asio::executor_work_guard<Executor> work{context.get_executor()};
    std::unique_ptr<AresChannel> channel;
    std::int64_t channel_of = 0; ///< the resolv.conf it was made from
    std::unordered_map<std::string, std::shared_ptr<Question>> open;
    LocalNames local;
    std::thread thread;
};

Resolver::Resolver(Options options) : state_(std::make_shared<State>(std::move(options)))
{
    state_->thread = std::thread([state = state_.get()] { state->context.run(); });
}

Resolver::~Resolver()
{
    stop();
}

void Resolver::stop()
{
    if (!state_->thread.joinable())
        return;
    asio::post(state_->context, [state = state_.get()] {
        for (auto& [name, question] : state->open)
            question->askers.clear(); // whoever still holds the question no longer holds a worker's coroutine
        state->open.clear();
        state->channel.reset();
        state->context.stop();
    });
    state_->thread.join();
}

void Resolver::configure(Options options)
{
    const std::lock_guard lock(state_->mutex);
    if (options == state_->options)
        return;
    state_->options = std::move(options);
    state_->own_hosts = HostsFile(state_->options.hosts);
    state_->known.clear();
    asio::post(state_->context, [state = state_] { state->channel.reset(); });
}

/// Hosts files, "localhost", and what is known and fresh; null elsewhere.
Found Resolver::State::from_memory(const std::string& name)
{
    const std::lock_guard lock(mutex);
    if (const auto found = known.find(name);
        found != known.end() && found->second.addresses && coarse_now() < found->second.fresh_until)
        return found->second.addresses;
    const Addresses* listed = options.hosts.empty() ? nullptr : own_hosts.find(name);
    if (!listed)
        listed = system_hosts.find(name);
    if (listed) {
        // Known for a second: the files are looked at no more often than that anyway.
        auto found = std::make_shared<const Addresses>(*listed);
        if (known.size() < most_cached)
            known[name] = {found, coarse_now() + 1000, 0};
        return found;
    }
    if (name == "localhost" || name.ends_with(".localhost"))
        return std::make_shared<const Addresses>(
            Addresses{asio::ip::address_v4::loopback(), asio::ip::address_v6::loopback()});
    return nullptr;
}

awaitable<result<Found>> Resolver::resolve(const std::string& name)
{
    if (auto found = state_->from_memory(name))
        co_return found;
    // Captures only what is trivially destroyed: g++ 12 destroys the temporaries of a co_await twice (GCC bug 101244).
    const auto answer = co_await asio::async_initiate<const asio::deferred_t&, void(std::shared_ptr<Answer>)>(
        [this, &name](auto handler) {
            auto held = std::make_shared<decltype(handler)>(std::move(handler));
            auto back = [held](const Answer& given) {
                asio::post(asio::get_associated_executor(*held),
                           [held, copy = std::make_shared<Answer>(given)] { std::move (*held)(copy); });
            };
            asio::post(state_->context, [state = state_, name, back] { state->ask(name, back); });
        },
        asio::deferred);
    co_return *answer;
}

void Resolver::State::open_channel()
{
    Options now;
    {
        const std::lock_guard lock(mutex);
        now = options;
    }
    const auto version = now.servers.empty() ? resolv_conf_version() : 1;
    if (channel && version == channel_of)
        return;
    channel.reset(); // pending questions end, and are asked again by whoever needs them
    channel = std::make_unique<AresChannel>(context, now.servers, now.limit);
    channel_of = version;
}

void Resolver::State::ask(const std::string& name, std::function<void(const Answer&)> asker)
{
    constexpr std::size_t most_open = 4096;
    if (const auto found = open.find(name); found != open.end() && !found->second->settled)
        return found->second->askers.push_back(std::move(asker));
    bool stale = false;
    Millis limit{0};
    {
        const std::lock_guard lock(mutex);
        limit = options.limit;
        if (const auto found = known.find(name); found != known.end()) {
            const auto now = coarse_now();
            if (!found->second.addresses && now < found->second.fresh_until)
                return asker(Error::dns);
            if (found->second.addresses && now < found->second.fresh_until)
                return asker(found->second.addresses); // another's question brought it meanwhile
            stale = found->second.addresses && now < found->second.stale_until;
        }
    }
    if (open.size() >= most_open)
        return asker(Error::dns);
    const auto question = std::make_shared<Question>(context);
    question->askers.push_back(std::move(asker));
    open[name] = question;
    question->pending = is_local_name(name) ? 1 : 2;
    on_timer(name, question, stale ? stale_after : limit, true);
    if (is_local_name(name)) {
        local.ask(name, [weak = weak_from_this(), name, question](AresChannel::Reply reply) {
            const auto self = weak.lock();
            if (!self)
                return;
            asio::post(self->context, [self, name, question, reply = std::move(reply)]() mutable {
                self->take(name, question, std::move(reply));
            });
        });
        return;
    }
    try {
        open_channel();
    } catch (const std::runtime_error&) { // c-ares has no memory or no descriptor left: a name not found, today
        question->pending = 0;
        return settle(name, question);
    }
    for (const int family : {AF_INET6, AF_INET})
        channel->ask(name, family,
                     [this, name, question](AresChannel::Reply reply) { take(name, question, std::move(reply)); });
}

/// `last`: when it ends the askers are answered whatever there is.
void Resolver::State::on_timer(const std::string& name, const std::shared_ptr<Question>& question, Millis wait,
                               bool last)
{
    question->timer.expires_after(wait);
    question->timer.async_wait([this, name, question, last](error_code error) {
        if (error || question->settled)
            return;
        question->timed_out = last && question->found.empty();
        settle(name, question);
    });
}

void Resolver::State::take(const std::string& name, const std::shared_ptr<Question>& question, AresChannel::Reply reply)
{
    --question->pending;
    if (reply.status == ARES_ETIMEOUT)
        question->timed_out = true;
    if (reply.status == ARES_ENOTFOUND || reply.status == ARES_ENODATA)
        ++question->denied;
    if (reply.status == ARES_EDESTRUCTION || reply.status == ARES_ECANCELLED)
        question->interrupted = true;
    if (!reply.addresses.empty()) {
        question->found.insert(question->found.end(), reply.addresses.begin(), reply.addresses.end());
        question->ttl = std::min(question->ttl, reply.ttl);
    }
    if (question->pending == 0) {
        if (question->settled && !question->found.empty())
            remember(name, *question); // the second family came late: the next one has both
        settle(name, question);
    } else if (!question->settled && std::ranges::any_of(question->found, [](const auto& a) { return a.is_v4(); })) {
        // IPv6 alone is not hurried: where it leads nowhere, IPv4 is what is needed.
        on_timer(name, question, resolution_delay, false);
    }
}

void Resolver::State::remember(const std::string& name, const Question& question)
{
    const std::lock_guard lock(mutex);
    make_room();
    const auto now = coarse_now();
    const auto ttl =
        std::clamp(std::chrono::duration_cast<Millis>(question.ttl).count(), shortest_ttl_ms, longest_ttl_ms);
    known[name] = {std::make_shared<const Addresses>(question.found), now + ttl, now + ttl + stale_for_ms};
}

/// With the mutex held.
void Resolver::State::make_room()
{
    const auto now = coarse_now();
    if (known.size() >= most_cached)
        std::erase_if(known, [&](const auto& entry) { return entry.second.fresh_until <= now; });
    if (known.size() >= most_cached)
        known.erase(known.begin());
}

void Resolver::State::settle(const std::string& name, const std::shared_ptr<Question>& question)
{
    if (question->pending == 0) {
        question->timer.cancel();
        if (const auto found = open.find(name); found != open.end() && found->second == question)
            open.erase(found);
    }
    if (question->settled)
        return;
    question->settled = true;
    Answer answer = question->timed_out ? Error::timeout : Error::dns;
    if (!question->found.empty()) {
        remember(name, *question);
        answer = std::make_shared<const Addresses>(question->found);
    } else {
        const std::lock_guard lock(mutex);
        make_room();
        const auto now = coarse_now();
        auto& entry = known[name];
        const bool gone =
            question->pending == 0 && question->denied > 0 && !question->timed_out && !question->interrupted;
        if (entry.addresses && now < entry.stale_until && !gone) {
            entry.fresh_until = now + stale_again_ms;
            answer = entry.addresses;
        } else {
            entry = {nullptr, question->interrupted ? now : now + failure_kept_ms, 0};
        }
    }
    for (const auto& asker : std::exchange(question->askers, {}))
        asker(answer);
}

} // namespace paravent::net
