#include "proxy/cli/own_rules.hpp"

#include "proxy/lists/lists.hpp"

namespace paravent::cli {

std::shared_ptr<const rules::Ruleset> own_rules(config::Settings settings, const Place& place)
{
    std::erase_if(settings.lists, [](const config::List& list) { return !list.file.empty() || !list.url.empty(); });
    return lists::compile(
               settings, config::state_directory(place.state), [](std::string_view) { return std::optional<bool>{}; },
               nullptr)
        .rules;
}

} // namespace paravent::cli
