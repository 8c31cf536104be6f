// `paravent system-proxy`: this computer's own proxy setting, as its desktops keep it. Works without the service.
#include "proxy/cli/options.hpp"
#include "proxy/cli/reachable.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/desktop/switch.hpp"
#include "proxy/desktop/turn.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <unistd.h>
#include <utility>

namespace paravent::cli {
namespace {

namespace fs = std::filesystem;

/// The address of one that listens, from this computer: loopback before all others.
config::Endpoint one_of(const std::vector<config::Endpoint>& endpoints, const std::string& key)
{
    if (endpoints.empty())
        throw Failure(failed, key + " is empty, so there is no address to set");
    return nearest(endpoints);
}

desktop::Target target_at(const Place& place, const desktop::Asked& asked)
{
    const auto settings = settings_at(place);
    const auto proxy = one_of(settings.proxy.listen, "[proxy] listen");
    const auto page = one_of(settings.dashboard.listen, "[dashboard] listen");
    desktop::Target target{{}, proxy.address, proxy.port, asked.fixed};
    target.pac =
        "http://" + desktop::address_of({{}, page.address, page.port}) + "/proxy.pac" + (asked.all ? "?all" : "");
    return target;
}

desktop::Home home()
{
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config == '/')
        return {config};
    const char* folder = std::getenv("HOME");
    if (folder == nullptr || *folder != '/')
        throw Failure(failed, "HOME is not set, so the desktop's settings cannot be found");
    return {fs::path(folder) / ".config"};
}

/// With sudo it would be root's desktop, which nobody looks at.
bool another_users_desktop()
{
    return ::geteuid() == 0 && std::getenv("SUDO_USER") != nullptr;
}

/// GNOME's setting is kept by a program of the session's bus: over ssh, say, there is none.
bool in_session()
{
    const char* address = std::getenv("DBUS_SESSION_BUS_ADDRESS");
    const char* folder = std::getenv("XDG_RUNTIME_DIR");
    std::error_code ignored;
    return (address != nullptr && *address != '\0') ||
           (folder != nullptr && fs::exists(fs::path(folder) / "bus", ignored));
}

std::vector<std::string> names_of(const desktop::Memory& memory)
{
    std::vector<std::string> names;
    names.reserve(memory.places.size());
    for (const auto& [name, changed] : memory.places)
        names.push_back(name);
    return names;
}

void add(desktop::Settings& all, desktop::Settings more)
{
    for (auto& one : more)
        all.push_back(std::move(one));
}

desktop::Settings every_setting(const desktop::Memory& memory)
{
    desktop::Settings all;
    all.push_back(desktop::gnome());
    all.push_back(desktop::kde(home()));
    all.push_back(desktop::shells(home()));
    add(all, desktop::network_manager(names_of(memory)));
    return all;
}

desktop::Settings settings_for(const desktop::Asked& asked, const desktop::Memory& memory)
{
    desktop::Settings chosen;
    if (!another_users_desktop()) {
        if (in_session())
            chosen.push_back(desktop::gnome());
        chosen.push_back(desktop::kde(home()));
    }
    if (asked.shells)
        chosen.push_back(desktop::shells(home()));
    if (asked.network_manager)
        add(chosen, desktop::network_manager(names_of(memory)));
    return chosen;
}

int print(const std::vector<desktop::Line>& lines)
{
    int status = 0;
    for (const auto& line : lines) {
        auto& out = line.failed ? std::cerr : std::cout;
        out << dashboard::inert((line.failed ? "paravent: " : "") + line.title + ": " + line.text) << "\n";
        if (line.failed)
            status = failed;
    }
    return status;
}

template <class Work>
auto or_failure(const Work& work)
{
    try {
        return work();
    } catch (const std::runtime_error& error) {
        throw Failure(failed, dashboard::inert(error.what()));
    }
}

/// Where there is no folder nothing is remembered, and none is made to find that out.
std::unique_ptr<desktop::Turn> turn_in(const fs::path& state, const SystemProxy& options)
{
    std::error_code problem;
    const bool begins = options.action == SystemProxy::Action::on && !options.again;
    if (options.action == SystemProxy::Action::show || (!begins && !fs::exists(state, problem) && !problem))
        return nullptr;
    return or_failure([&] { return std::make_unique<desktop::Turn>(state); });
}

int switch_on(const Place& place, const fs::path& state, desktop::Memory memory, const SystemProxy& options)
{
    if (options.again && !memory.asked)
        return 0;
    if (!options.again)
        memory.asked = options.asked;
    auto asked = *memory.asked;
    if (asked.shells && another_users_desktop())
        throw Failure(failed, "--shells sets the environment of a user's session: run this without sudo");
    const bool shells_left_out = options.again && std::exchange(asked.shells, false);
    const auto target = target_at(place, asked);
    const bool answers = is_reachable(target.host, target.port);
    if (asked.fixed && !answers)
        throw Failure(failed, "nothing listens at " + desktop::address_of(target) +
                                  ", and with --fixed this computer would be offline; start Paravent first, or leave "
                                  "--fixed out: automatic configuration goes straight out where nothing answers");
    const auto settings = settings_for(asked, memory);
    const auto keep = [&](const desktop::Memory& kept) { desktop::write_memory(state, kept); };
    auto lines = desktop::switch_on(settings, target, memory, keep);
    if (memory.places.empty() && !options.again) // at a start it may be too early: no session, no connection yet
        memory.asked.reset();
    keep(memory);
    if (shells_left_out)
        lines.push_back({"shells", "left out: a session reads its environment before a service of its own starts"});
    const bool nothing_set = lines.empty();
    if (asked.network_manager &&
        std::ranges::none_of(settings, [](const auto& one) { return one->name().starts_with("network-manager "); }))
        lines.push_back({"NetworkManager", "left out: no connection of it is active, or it is not on this computer"});
    const int status = print(lines);
    if (nothing_set)
        throw Failure(failed,
                      asked.network_manager && another_users_desktop() ? "with sudo there is nothing else to set"
                      : another_users_desktop()
                          ? "GNOME's and KDE's settings belong to a user: run this without sudo"
                          : "no desktop whose setting could be changed was found: GNOME's (gsettings) needs the "
                            "session's bus, so run this in the desktop's own session; KDE's is known by its "
                            "kioslaverc; --shells sets the environment, --network-manager active connections");
    if (status == 0 && !answers)
        std::cout << "Nothing answers at " << desktop::address_of(target) << " yet; until Paravent runs, programs "
                  << (asked.shells
                          ? "that follow the session's environment are offline, and the others go straight out.\n"
                          : "go straight out.\n");
    return status;
}

int switch_off(const fs::path& state, desktop::Memory memory, bool for_now)
{
    if (!for_now)
        memory.asked.reset();
    if (memory.places.empty() && !for_now)
        std::cout << "Nothing of Paravent's is set.\n";
    const auto settings = every_setting(memory);
    return print(desktop::switch_off(settings, memory,
                                     [&](const desktop::Memory& kept) { desktop::write_memory(state, kept); }));
}

int show(const desktop::Memory& memory, bool as_json)
{
    boost::json::array items;
    for (const auto& setting : every_setting(memory)) {
        const auto reading = setting->read();
        const auto ours = memory.places.find(setting->name());
        bool set = ours != memory.places.end();
        if (set)
            for (const auto& [key, value] : ours->second.ours) {
                const auto now = reading.values.find(key);
                set = set && now != reading.values.end() && now->second == value;
            }
        const auto text = !reading.here              ? "not on this computer"
                          : !reading.problem.empty() ? reading.problem
                                                     : setting->describe(reading.values);
        if (as_json)
            items.push_back({{"place", setting->name()}, {"here", reading.here}, {"setting", text}, {"ours", set}});
        else
            std::cout << dashboard::inert(setting->title() + ": " + text) << (set ? " (set by Paravent)" : "") << "\n";
    }
    if (as_json)
        std::cout << boost::json::serialize(boost::json::object{{"items", items}, {"next", nullptr}}) << "\n";
    return 0;
}

} // namespace

int system_proxy(const Place& place, const SystemProxy& options)
{
    const auto state = config::state_directory(place.state);
    const bool shows = options.action == SystemProxy::Action::show;
    const auto turn = turn_in(state, options);
    auto memory = turn || shows ? or_failure([&] { return desktop::read_memory(state); }) : desktop::Memory{};
    switch (options.action) {
    case SystemProxy::Action::on:
        return switch_on(place, state, std::move(memory), options);
    case SystemProxy::Action::off:
        return switch_off(state, std::move(memory), options.for_now);
    case SystemProxy::Action::show:
        break;
    }
    return show(memory, options.json);
}

} // namespace paravent::cli
