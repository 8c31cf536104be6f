#include "proxy/in_force.hpp"

#include <algorithm>
#include <malloc.h>

namespace paravent {

std::shared_ptr<const config::Settings> InForce::settings() const
{
    const std::lock_guard guard(mutex_);
    return settings_;
}

std::shared_ptr<const rules::Ruleset> InForce::rules() const
{
    const std::lock_guard guard(mutex_);
    return lists_.rules;
}

std::vector<lists::ListStatus> InForce::lists() const
{
    const std::lock_guard guard(mutex_);
    return lists_.lists;
}

void InForce::replace(std::shared_ptr<const config::Settings> settings)
{
    const std::lock_guard guard(mutex_);
    settings_ = std::move(settings);
}

void InForce::compile(const std::filesystem::path& state_directory, const lists::OwnerSwitch& owner_switch)
{
    // Whoever compiles is alone, so that nobody changes what is read here without the lock.
    auto compiled = lists::compile(*settings_, state_directory, owner_switch, &lists_);
    const std::lock_guard guard(mutex_);
    lists_ = std::move(compiled);
    // What compiling needed goes back to the system: on a small computer it is more than the service itself.
    ::malloc_trim(0);
}

std::shared_ptr<const config::Settings> with_added_lists(const config::Settings& file, std::vector<config::List> added)
{
    auto all = std::make_shared<config::Settings>(file);
    for (auto& list : added) {
        const auto same = std::ranges::find(all->lists, list.name, &config::List::name);
        if (same != all->lists.end())
            *same = std::move(list);
        else
            all->lists.push_back(std::move(list));
    }
    return all;
}

} // namespace paravent
