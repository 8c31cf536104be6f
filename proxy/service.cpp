#include "proxy/service.hpp"

#include "proxy/dashboard/api.hpp"
#include "proxy/files/writing.hpp"
#include "proxy/log.hpp"
#include "proxy/net/own_address.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <sched.h>
#include <set>
#include <sstream>

namespace paravent {
namespace {

config::Settings read_settings(const RunOptions& options)
{
    const auto file = config::find_settings(options.config, options.program);
    return file ? config::read_settings(*file) : config::Settings{};
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

/// What is listened on goes before what the settings say: where systemd holds the ports, its units say where. Whoever
/// asks the settings for the box's own address (the PAC file, the guard of the dashboard) is told the true one.
config::Settings as_listened(config::Settings settings, const std::vector<server::Listening>& listening)
{
    for (const auto& [role, listen] : {std::pair{server::Role::proxy, &settings.proxy.listen},
                                       std::pair{server::Role::dashboard, &settings.dashboard.listen}}) {
        std::vector<config::Endpoint> true_ones;
        for (const auto& one : listening)
            if (one.role == role)
                true_ones.push_back({one.endpoint.address().to_string(), one.endpoint.port()});
        if (!true_ones.empty())
            *listen = std::move(true_ones);
    }
    return settings;
}

unsigned worker_count(const config::Settings& settings)
{
    if (settings.proxy.workers)
        return settings.proxy.workers;
    cpu_set_t cpus;
    return ::sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? static_cast<unsigned>(CPU_COUNT(&cpus)) : 1u;
}

} // namespace

Service::Service(const RunOptions& options, Predecessor& predecessor)
    : options_(options), in_force_(read_settings(options)),
      state_((predecessor.take_state(), config::state_directory(options.state)), predecessor.take_lock()),
      door_(state_.path(), state_.token()), policy_(state_.path(), *in_force_.settings()), imports_(state_.path()),
      recorder_(statistics_options(*in_force_.settings(), state_.path(), policy_.home())),
      resolver_(resolver_options(*in_force_.settings())), interception_(state_.path(), in_force_.settings()->tls.trust),
      listening_(server::listen(*in_force_.settings())),
      subscriptions_(state_.path(), options.program,
                     {[this] { take_fetched_lists(); }, [](const std::string& text) { log::info(text); },
                      [](const std::string& text) { log::warn(text); }})
{
    in_force_.replace(with_added_lists(as_listened(*at_start_, listening_), policy_.subscriptions()));
    const auto settings = in_force_.settings();
    log::configure(*settings);
    subscriptions_.configure(settings, list_switch());
    compile_lists();
    server_ =
        std::make_unique<server::Server>(listening_, snapshot(), worker_count(*settings), policy_, recorder_, resolver_,
                                         interception_, change_pause_.site(dashboard::local_site(parts())));
}

void Service::start()
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

void Service::reload()
{
    const std::lock_guard lock(reloading_);
    try_state_again();
    const auto file = read_settings(options_);
    if (file.proxy.listen != at_start_->proxy.listen || file.dashboard.listen != at_start_->dashboard.listen ||
        file.proxy.workers != at_start_->proxy.workers)
        log::warn("listening addresses and workers change with the next start only");
    const auto next = with_added_lists(as_listened(file, listening_), policy_.subscriptions());
    interception_.configure(next->tls.trust); // may throw, so before anything else changes
    interception_.load();
    in_force_.replace(next);
    log::configure(*next);
    policy_.configure(*next);
    take_retention();
    resolver_.configure(resolver_options(*next));
    subscriptions_.configure(next, list_switch());
    compile_lists();
    server_->replace(snapshot());
    warn_of_settings();
    log::info("settings and lists were read anew");
}

void Service::try_state_again()
{
    if (state_.try_again())
        log::info("the state directory can be written now: commands reach the service");
}

void Service::drain(const std::function<bool(std::chrono::milliseconds)>& hurry)
{
    server_->drain();
    const auto until = std::chrono::steady_clock::now() + in_force_.settings()->limits.drain;
    while (!server_->wait_until_empty(net::Millis{0}) && std::chrono::steady_clock::now() < until)
        if (hurry(std::chrono::milliseconds{50}))
            return;
}

Estate Service::estate()
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
std::vector<Watched> Service::watched()
{
    std::vector<Watched> all;
    for (auto& thread : server_->threads())
        all.push_back({std::move(thread), {}});
    all.back().patience = std::chrono::minutes{10};
    return all;
}

/// In this order: changes stop, then what they led to is written, then nothing is.
void Service::give_up_state()
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

void Service::take_state_back()
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

/// What of the lists is not in force.
void Service::warn_of_settings() const
{
    for (const auto& list : in_force_.lists())
        if (!list.error.empty())
            log::warn("list " + list.name + ": " + list.error);
    if (const auto& hosts = in_force_.settings()->resolver.hosts; !hosts.empty())
        if (const auto fault = net::why_unreadable(hosts); !fault.empty())
            log::warn(fault);
    for (const auto& problem : interception_.problems())
        log::warn(problem);
}

bool Service::is_open_to_network() const
{
    return std::ranges::any_of(listening_, [](const auto& one) { return !one.endpoint.address().is_loopback(); });
}

/// The owner's, or the file's.
void Service::take_retention()
{
    recorder_.configure(statistics_options(*in_force_.settings(), state_.path(), policy_.home()));
}

lists::OwnerSwitch Service::list_switch()
{
    return [this](std::string_view name) { return policy_.list_enabled(name); };
}

/// Texts that came are put in force; the settings stay as they are.
void Service::take_fetched_lists()
{
    const std::lock_guard lock(reloading_);
    compile_lists();
    server_->replace(snapshot());
}

void Service::compile_lists()
{
    in_force_.compile(state_.path(), list_switch());
}

std::shared_ptr<const server::Snapshot> Service::snapshot() const
{
    std::vector<net::asio::ip::tcp::endpoint> own;
    for (const auto& one : listening_)
        own.push_back(one.endpoint);
    const auto settings = in_force_.settings();
    return std::make_shared<const server::Snapshot>(server::Snapshot{settings, in_force_.rules(),
                                                                     net::Destinations(*settings, std::move(own)),
                                                                     net::Clients(settings->proxy.clients)});
}

dashboard::ServerStatus Service::status() const
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
            {"dns-loop", "The names that your DNS leads to this box lead back to it: Paravent asks the same DNS. Name "
                         "another one under [resolver] servers, such as your provider's or 9.9.9.9."});
    std::set<net::Address> gone;
    for (const auto& one : listening_)
        if (const auto address = one.endpoint.address(); !net::is_own(address) && gone.insert(address).second)
            status.problems.push_back(
                {"address", "This computer no longer has the address " + address.to_string() +
                                ", at which Paravent listens, so devices that know it by that one do not reach it. "
                                "Let the router give it the same address always, or write the new one into the "
                                "settings and start Paravent anew."});
    if (const auto unwritten = state_.problem(); !unwritten.empty())
        status.problems.push_back({"state", unwritten});
    if (const auto silent = resolver_.problem(); !silent.empty())
        status.problems.push_back({"dns", silent});
    return status;
}

std::vector<dashboard::ListRow> Service::list_rows() const
{
    auto lists = in_force_.lists();
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

dashboard::Parts Service::parts()
{
    return {policy_,
            recorder_,
            interception_,
            [this] { return status(); },
            [this] { return list_rows(); },
            [this] { return in_force_.rules(); },
            [this] { return in_force_.settings(); },
            [this] { reload(); },
            [this] {
                const std::lock_guard lock(reloading_);
                take_retention();
            },
            [this](std::function<void()> done) { subscriptions_.update(std::move(done)); },
            [this](const dashboard::Restored& backup) { restore(backup); },
            door_,
            state_.path(),
            imports_,
            helper::program_beside(options_.program, "paravent-import")};
}

/// Both or neither: the policy is checked before the database is replaced.
void Service::restore(const dashboard::Restored& backup)
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

} // namespace paravent
