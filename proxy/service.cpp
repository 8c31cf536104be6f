#include "proxy/service.hpp"

#include "proxy/change_pause.hpp"
#include "proxy/dashboard/api.hpp"
#include "proxy/files/writing.hpp"
#include "proxy/lists/lists.hpp"
#include "proxy/lists/subscriptions.hpp"
#include "proxy/log.hpp"
#include "proxy/notify.hpp"
#include "proxy/predecessor.hpp"
#include "proxy/server/server.hpp"
#include "proxy/signals.hpp"
#include "proxy/state_directory.hpp"
#include "proxy/tls/interception.hpp"
#include "proxy/upgrade.hpp"
#include "proxy/watchdog.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <malloc.h>
#include <mutex>
#include <sched.h>
#include <sstream>
#include <unistd.h>

namespace paravent {
namespace {

std::shared_ptr<const config::Settings> read_settings(const RunOptions& options)
{
    const auto file = config::find_settings(options.config, options.program);
    return std::make_shared<const config::Settings>(file ? config::read_settings(*file) : config::Settings{});
}

statistics::Options statistics_options(const config::Settings& settings, const std::filesystem::path& state,
                                       const policy::HomeAnswers& home)
{
    statistics::Options options;
    options.database = state / settings.statistics.path; // an absolute path stays as it is
    options.retention = home.retention.value_or(settings.statistics.retention);
    options.flush = settings.statistics.flush;
    return options;
}

net::Resolver::Options resolver_options(const config::Settings& settings)
{
    return {settings.resolver.servers, settings.resolver.hosts, settings.limits.resolve};
}

unsigned worker_count(const config::Settings& settings)
{
    if (settings.proxy.workers)
        return settings.proxy.workers;
    cpu_set_t cpus;
    return ::sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? static_cast<unsigned>(CPU_COUNT(&cpus)) : 1u;
}

/// Everything that lives from start to stop, in the order in which it must end.
class Service {
public:
    Service(const RunOptions& options, Predecessor& predecessor)
        : options_(options), settings_(read_settings(options)),
          state_((predecessor.take_state(), config::state_directory(options.state)), predecessor.take_lock()),
          door_(state_.path(), state_.token()), policy_(state_.path(), *settings_), imports_(state_.path()),
          recorder_(statistics_options(*settings_, state_.path(), policy_.home())),
          resolver_(resolver_options(*settings_)), interception_(state_.path(), settings_->tls.trust),
          listening_(server::listen(*settings_)),
          subscriptions_(state_.path(), options.program,
                         {[this] { take_fetched_lists(); }, [](const std::string& text) { log::info(text); },
                          [](const std::string& text) { log::warn(text); }})
    {
        log::configure(*settings_);
        settings_ = with_added_lists(*settings_);
        subscriptions_.configure(settings_, list_switch());
        compile_lists();
        server_ = std::make_unique<server::Server>(listening_, snapshot(), worker_count(*settings_), policy_, recorder_,
                                                   resolver_, interception_,
                                                   change_pause_.site(dashboard::local_site(parts())));
    }

    void start()
    {
        // Before anybody is served: from then on the dashboard's thread may put other settings and lists in force.
        for (const auto& problem : {state_.problem(), policy_.problem(), recorder_.database().problem})
            if (!problem.empty())
                log::warn(problem);
        warn_of_settings();
        if (!door_.problem().empty())
            log::warn(door_.problem());
        if (const auto code = door_.code(); !code.empty() && is_open_to_network())
            log::info("the dashboard has no password yet: from another device, the one-time code is " + code);
        server_->start();
        subscriptions_.start();
        std::ostringstream line;
        line << "listening on";
        for (const auto& one : listening_)
            line << ' ' << one.endpoint;
        std::fprintf(stderr, "%s\n", line.str().c_str());
    }

    /// Settings and lists anew; what is wrong leaves the old ones in force. @throws std::exception with a sentence
    void reload()
    {
        const std::lock_guard lock(reloading_);
        auto next = with_added_lists(*read_settings(options_));
        if (next->proxy.listen != settings_->proxy.listen || next->dashboard.listen != settings_->dashboard.listen ||
            next->proxy.workers != settings_->proxy.workers)
            log::warn("listening addresses and workers change with the next start only");
        interception_.configure(next->tls.trust); // may throw, so before anything else changes
        interception_.load();
        {
            const std::lock_guard guard(mutex_);
            settings_ = std::move(next);
        }
        log::configure(*settings_);
        policy_.configure(*settings_);
        take_retention();
        resolver_.configure(resolver_options(*settings_));
        subscriptions_.configure(settings_, list_switch());
        compile_lists();
        server_->replace(snapshot());
        warn_of_settings();
        log::info("settings and lists were read anew");
    }

    /// Until `hurry` says that it takes too long.
    void drain(const std::function<bool(std::chrono::milliseconds)>& hurry)
    {
        std::shared_ptr<const config::Settings> settings;
        {
            const std::lock_guard guard(mutex_);
            settings = settings_;
        }
        server_->drain();
        const auto until = std::chrono::steady_clock::now() + settings->limits.drain;
        while (!server_->wait_until_empty(net::Millis{0}) && std::chrono::steady_clock::now() < until)
            if (hurry(std::chrono::milliseconds{50}))
                return;
    }

    /// For a new version of this program (upgrade.hpp).
    Estate estate()
    {
        Estate estate;
        for (const auto& one : listening_)
            estate.sockets.push_back({one.descriptor, server::name_of(one.role)});
        estate.lock = state_.lock();
        estate.give_up_state = [this] { give_up_state(); };
        estate.take_state_back = [this] { take_state_back(); };
        return estate;
    }

    /// The dashboard's thread may wait for the disk: a large database is written anew when it is told to forget.
    std::vector<Watched> watched()
    {
        std::vector<Watched> all;
        for (auto& thread : server_->threads())
            all.push_back({std::move(thread), {}});
        all.back().patience = std::chrono::minutes{10};
        return all;
    }

    /// The new version has taken over: when it ends, the next one need not wait for this one.
    void leave_state() noexcept { state_.leave(); }

private:
    /// In this order: changes stop, then what they led to is written, then nothing is.
    void give_up_state()
    {
        change_pause_.begin();
        subscriptions_.stop();
        try {
            policy_.save();
        } catch (const std::exception& error) {
            log::warn(error.what()); // the new version finds it as it was saved last
        }
        (void)interception_.save();
        files::give_up_writing();
        recorder_.hand_over();
    }

    void take_state_back()
    {
        recorder_.take_back();
        files::take_up_writing();
        try {
            policy_.save();
        } catch (const std::exception& error) {
            log::warn(error.what());
        }
        (void)interception_.save();
        subscriptions_.start();
        change_pause_.end();
    }

    /// What of settings and lists is not in force; called where nobody else changes them.
    void warn_of_settings() const
    {
        for (const auto& list : lists_.lists)
            if (!list.error.empty())
                log::warn("list " + list.name + ": " + list.error);
    }

    bool is_open_to_network() const
    {
        return std::ranges::any_of(listening_, [](const auto& one) { return !one.endpoint.address().is_loopback(); });
    }

    /// The owner's, or the file's.
    void take_retention()
    {
        const std::lock_guard guard(mutex_);
        recorder_.configure(statistics_options(*settings_, state_.path(), policy_.home()));
    }

    lists::OwnerSwitch list_switch()
    {
        return [this](std::string_view name) { return policy_.list_enabled(name); };
    }

    /// The settings file's lists and those that the owner added since.
    std::shared_ptr<const config::Settings> with_added_lists(const config::Settings& file) const
    {
        auto all = std::make_shared<config::Settings>(file);
        for (auto& added : policy_.subscriptions()) {
            const auto same = std::ranges::find(all->lists, added.name, &config::List::name);
            if (same != all->lists.end())
                *same = std::move(added);
            else
                all->lists.push_back(std::move(added));
        }
        return all;
    }

    /// Texts that came are put in force; the settings stay as they are.
    void take_fetched_lists()
    {
        const std::lock_guard lock(reloading_);
        compile_lists();
        server_->replace(snapshot());
    }

    void compile_lists()
    {
        auto compiled = lists::compile(*settings_, state_.path(), list_switch(), &lists_);
        const std::lock_guard guard(mutex_);
        lists_ = std::move(compiled);
        // What compiling needed goes back to the system: on a small computer it is more than the service itself.
        ::malloc_trim(0);
    }

    std::shared_ptr<const server::Snapshot> snapshot() const
    {
        std::vector<net::asio::ip::tcp::endpoint> own;
        for (const auto& one : listening_)
            own.push_back(one.endpoint);
        return std::make_shared<const server::Snapshot>(server::Snapshot{settings_, lists_.rules,
                                                                         net::Destinations(*settings_, std::move(own)),
                                                                         net::Clients(settings_->proxy.clients)});
    }

    dashboard::ServerStatus status() const
    {
        const auto now = server_->status();
        dashboard::ServerStatus status;
        status.version = PARAVENT_VERSION;
        status.uptime_s = static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun_).count());
        status.workers = now.workers;
        status.open = now.open;
        status.total = now.total;
        status.refused = now.refused;
        status.tunnels = now.tunnels;
        status.clock_before_build = tls::is_before_build(std::time(nullptr));
        if (now.dns_loop)
            status.problems.push_back(
                {"dns-loop",
                 "The names that your DNS leads to this box lead back to it: Paravent asks the same DNS. Name "
                 "another one under [resolver] servers, such as your provider's or 9.9.9.9."});
        if (!state_.problem().empty())
            status.problems.push_back({"state", state_.problem()});
        if (const auto silent = resolver_.problem(); !silent.empty())
            status.problems.push_back({"dns", silent});
        return status;
    }

    std::vector<dashboard::ListRow> list_rows() const
    {
        const std::lock_guard guard(mutex_);
        auto lists = lists_.lists;
        subscriptions_.describe(lists);
        std::vector<dashboard::ListRow> rows;
        for (const auto& list : lists) {
            dashboard::ListRow row;
            row.name = list.name;
            row.source = list.source;
            row.category = list.category;
            row.enabled = list.enabled;
            row.rules = list.report.rules;
            row.skipped = list.report.skipped;
            row.skipped_by = list.report.skipped_by;
            if (list.updated_ms)
                row.updated_ms = list.updated_ms;
            if (list.checked_ms)
                row.checked_ms = list.checked_ms;
            row.error = list.error;
            rows.push_back(std::move(row));
        }
        return rows;
    }

    dashboard::Parts parts()
    {
        return {policy_,
                recorder_,
                interception_,
                [this] { return status(); },
                [this] { return list_rows(); },
                [this] {
                    const std::lock_guard guard(mutex_);
                    return lists_.rules;
                },
                [this] {
                    const std::lock_guard guard(mutex_);
                    return settings_;
                },
                [this] { reload(); },
                [this] { take_retention(); },
                [this](std::function<void()> done) { subscriptions_.update(std::move(done)); },
                [this](const dashboard::Restored& backup) { restore(backup); },
                door_,
                state_.path(),
                imports_,
                helper::program_beside(options_.program, "paravent-import")};
    }

    /// Both or neither: the policy is checked before the database is replaced.
    void restore(const dashboard::Restored& backup)
    {
        const auto before = policy_.text();
        if (!backup.policy.empty())
            policy_.restore(backup.policy);
        try {
            recorder_.restore_from(backup.database);
        } catch (const std::exception&) {
            policy_.restore(before);
            throw;
        }
        try {
            reload(); // for the backup's lists
        } catch (const std::exception& error) {
            log::error(std::string("the old settings and lists stay in force: ") + error.what());
        }
    }

    const RunOptions options_;
    const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::mutex reloading_;
    ChangePause change_pause_;
    mutable std::mutex mutex_; ///< of settings_ and lists_, which the dashboard reads
    std::shared_ptr<const config::Settings> settings_;
    StateDirectory state_;
    dashboard::Door door_; ///< read once at the start; after it, on the dashboard's thread alone
    policy::Policy policy_;
    reconcile::Imports imports_;
    statistics::Recorder recorder_;
    net::Resolver resolver_;
    tls::Interception interception_;
    std::vector<server::Listening> listening_;
    lists::Compiled lists_;
    std::unique_ptr<server::Server> server_;
    lists::Subscriptions subscriptions_; ///< ends first: it puts lists in force
};

void reload_or_say_why(Service& service)
{
    notify("RELOADING=1");
    try {
        service.reload();
    } catch (const std::exception& error) {
        log::error(std::string("the old settings stay in force: ") + error.what());
    }
    notify("READY=1");
}

/// Until a signal says that it is to end, or a new version has taken over: whether that is so.
bool serve(Service& service, const Invocation& invocation, Signals& signals)
{
    for (;;) {
        const int signal = signals.wait();
        if (ends(signal))
            return false;
        if (signal == SIGHUP) {
            reload_or_say_why(service);
            continue;
        }
        const auto upgraded = upgrade(invocation, service.estate(), signals);
        if (upgraded != Upgraded::no)
            return upgraded == Upgraded::yes;
    }
}

/// Beats while it lives, where the service manager asked for it.
std::unique_ptr<Watchdog> watch(Service& service)
{
    const auto interval = watchdog_interval();
    return interval ? std::make_unique<Watchdog>(service.watched(), *interval, [] { notify("WATCHDOG=1"); }) : nullptr;
}

/// A second signal to end is one to hurry.
void end(Service& service, bool succeeded, Signals& signals)
{
    if (succeeded)
        service.leave_state();
    else
        notify("STOPPING=1");
    log::info("draining");
    service.drain([&](std::chrono::milliseconds most) {
        const auto signal = signals.wait_for(most);
        if (signal == SIGUSR2)
            log::warn("this process is ending: another upgrade is for the one that runs on");
        return signal && ends(*signal);
    });
}

} // namespace

int run_service(const RunOptions& options)
{
    ::mallopt(M_ARENA_MAX, 2); // one for workers, one for the rest: arenas of their own cost more than they bring
    // Large pieces (rules, texts of lists) go back to the system when they are freed, by whichever thread; without a
    // word malloc would raise this with the first of them and keep the later ones.
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    // Half a megabyte stays: a body of 100 KB is read in half the time where its memory was touched before.
    ::mallopt(M_TRIM_THRESHOLD, 512 * 1024);
    try {
        const Invocation invocation(options.program);
        Predecessor predecessor;
        Signals signals;
        Service service(options, predecessor);
        service.start();
        notify("MAINPID=" + std::to_string(::getpid()) + "\nREADY=1");
        predecessor.succeed();
        auto watchdog = watch(service);
        const bool succeeded = serve(service, invocation, signals);
        if (succeeded)
            watchdog.reset(); // the new version is the one to be watched
        end(service, succeeded, signals);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "paravent: %s\n", error.what());
        return 1;
    }
}

} // namespace paravent
