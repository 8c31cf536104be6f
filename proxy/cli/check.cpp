#include "proxy/cli/options.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/lists/lists.hpp"

#include <iostream>

namespace paravent::cli {

int check(const Place& place)
{
    const auto file = config::find_settings(place.config, place.program);
    const auto settings = settings_at(place);
    const auto compiled = lists::compile(
        settings, config::state_directory(place.state), [](std::string_view) { return std::optional<bool>{}; },
        nullptr);
    std::size_t errors = 0, on = 0;
    for (const auto& list : compiled.lists) {
        on += list.enabled ? 1 : 0;
        if (!list.error.empty()) {
            ++errors;
            std::cerr << dashboard::inert("list " + list.name + ": " + list.error) << '\n';
        }
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
