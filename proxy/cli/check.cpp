#include "proxy/cli/named_files.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/lists/lists.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>

namespace paravent::cli {

namespace {

void note(const std::string& text)
{
    std::cerr << "note: " << dashboard::inert(text) << '\n';
}

bool is_subscribed(const lists::ListStatus& list, const config::Settings& settings)
{
    return std::any_of(settings.lists.begin(), settings.lists.end(),
                       [&](const config::List& entry) { return entry.name == list.name && !entry.url.empty(); });
}

/// A subscription is fetched by the service; until then there is nothing wrong with it.
bool waits_to_be_fetched(const lists::ListStatus& list, const std::filesystem::path& state)
{
    std::error_code ignored;
    return !std::filesystem::exists(lists::kept_text(state, list.name), ignored);
}

} // namespace

int check(const Place& place)
{
    const auto file = config::find_settings(place.config, place.program);
    const auto settings = settings_at(place);
    const auto state = state_at(place);
    const auto compiled =
        lists::compile(settings, state, [](std::string_view) { return std::optional<bool>{}; }, nullptr);
    if (std::error_code unreadable; !std::filesystem::exists(state / "authority", unreadable) && !unreadable)
        for (const auto& each : settings.devices)
            if (each.intercept == true)
                note("intercept of device " + each.name +
                     " has no effect before there is a certificate authority: `paravent authority create` makes one");
    std::size_t errors = 0, on = 0;
    const auto in_file = file ? file->string() + ": " : std::string{};
    if (const auto fault = trust_fault(settings); !fault.empty()) {
        ++errors;
        std::cerr << dashboard::inert(in_file + fault) << '\n';
    }
    if (const auto fault = hosts_fault(settings); !fault.empty())
        note(in_file + fault);
    for (const auto& list : compiled.lists) {
        on += list.enabled ? 1 : 0;
        const bool subscribed = is_subscribed(list, settings);
        if (list.enabled && subscribed && waits_to_be_fetched(list, state)) {
            note("list " + list.name + ": it has not been fetched yet, so none of its rules is in force");
        } else if (!list.error.empty()) {
            ++errors;
            std::cerr << dashboard::inert("list " + list.name + ": " + list.error) << '\n';
        }
        // What stands in somebody else's list is nothing that the owner could mend; `paravent lists` counts it.
        if (subscribed)
            continue;
        for (const auto& problem : list.report.problems) {
            ++errors;
            std::cerr << dashboard::inert(list.source + ":" + std::to_string(problem.line) + ":1: " + problem.text)
                      << '\n';
        }
    }
    if (errors > 0)
        return failed;
    std::cout << (file ? dashboard::inert(file->string()) : "The default settings") << ": no errors; " << on
              << " lists with " << compiled.rules->size() << " rules\n";
    return 0;
}

} // namespace paravent::cli
