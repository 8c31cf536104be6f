#include "proxy/net/resolver.hpp"

#include "proxy/net/ares_channel.hpp"
#include "proxy/net/error.hpp"
#include "proxy/net/known_names.hpp"
#include "proxy/net/local_names.hpp"
#include "proxy/net/silence.hpp"

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

/// How long an answer that has run out is held back for a fresh one (RFC 8767).
constexpr Millis stale_after{300};
/// How long the second family may take once the first has answered (RFC 8305, section 3).
constexpr Millis resolution_delay{50};

using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

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

struct Resolver::State {
    explicit State(Options given) : options(std::move(given)), known(options.hosts) {}

    void ask(const std::string& name, std::function<void(const Answer&)> asker);
    void open_channel();
    void listen(const std::string& name, int status);
    void take(const std::string& name, const std::shared_ptr<Question>& question, AresChannel::Reply reply);
    void settle(const std::string& name, const std::shared_ptr<Question>& question);
    void on_timer(const std::string& name, const std::shared_ptr<Question>& question, Millis wait, bool last);

    std::mutex mutex; ///< of the options
    Options options;
    KnownNames known;
    Silence silence;

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
        state->local.close();
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
    state_->known.configure(state_->options.hosts);
    asio::post(state_->context, [state = state_] { state->channel.reset(); });
}

std::string Resolver::problem() const
{
    const auto since = state_->silence.since();
    if (!since)
        return {};
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(Silence::Clock::now() - *since).count();
    return "No name server has answered for " +
           (minutes < 1    ? std::string("some seconds")
            : minutes == 1 ? std::string("a minute")
                           : std::to_string(minutes) + " minutes") +
           ", so only servers that were asked for lately can be reached: look whether the internet connection is up, "
           "or name other name servers under [resolver] servers";
}

awaitable<result<Found>> Resolver::resolve(const std::string& name)
{
    if (auto found = state_->known.find(name))
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
    if (const auto learned = known.learned(name)) // another's question brought it meanwhile
        return asker(*learned);
    Millis limit = stale_after;
    if (!known.has_stale(name)) {
        const std::lock_guard lock(mutex);
        limit = options.limit;
    }
    if (open.size() >= most_open)
        return asker(Error::dns);
    const auto question = std::make_shared<Question>(context);
    question->askers.push_back(std::move(asker));
    open[name] = question;
    question->pending = is_local_name(name) ? 1 : 2;
    on_timer(name, question, limit, true);
    if (is_local_name(name)) {
        local.ask(name, [this, name, question](AresChannel::Reply reply) {
            asio::post(context, [this, name, question, reply = std::move(reply)]() mutable {
                take(name, question, std::move(reply));
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
        channel->ask(name, family, [this, name, question](AresChannel::Reply reply) {
            listen(name, reply.status);
            take(name, question, std::move(reply));
        });
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

/// Whether a name server said anything: a router whose own line is down says that it failed.
void Resolver::State::listen(const std::string& name, int status)
{
    if (status == ARES_SUCCESS || status == ARES_ENOTFOUND || status == ARES_ENODATA)
        silence.over();
    else if (status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED || status == ARES_ESERVFAIL ||
             status == ARES_EREFUSED)
        silence.goes_on(name);
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
            known.learn(name, question->found, question->ttl); // the second family came late: the next one has both
        settle(name, question);
    } else if (!question->settled && std::ranges::any_of(question->found, [](const auto& a) { return a.is_v4(); })) {
        // IPv6 alone is not hurried: where it leads nowhere, IPv4 is what is needed.
        on_timer(name, question, resolution_delay, false);
    }
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
        known.learn(name, question->found, question->ttl);
        answer = std::make_shared<const Addresses>(question->found);
    } else {
        const bool gone = question->pending == 0 && question->denied > 0 && !question->timed_out;
        const auto miss = question->interrupted ? KnownNames::Miss::interrupted
                          : gone                ? KnownNames::Miss::gone
                                                : KnownNames::Miss::unanswered;
        answer = known.learn_nothing(name, miss, answer.error());
    }
    for (const auto& asker : std::exchange(question->askers, {}))
        asker(answer);
}

} // namespace paravent::net
