#include "proxy/policy/policy.hpp"

#include <initializer_list>

namespace paravent::policy {

using rules::Action;
using rules::Category;
using rules::Rulings;

namespace {

std::array<Action, rules::category_count> everywhere(Action action) noexcept
{
    std::array<Action, rules::category_count> actions{};
    actions.fill(action);
    return actions;
}

Action& at(std::array<Action, rules::category_count>& actions, Category category) noexcept
{
    return actions[static_cast<std::size_t>(category)];
}

/// What standard and strict have in common.
Rulings guarded() noexcept
{
    Rulings r;
    r.ruling = everywhere(Action::block);
    for (const Category category : {Category::pixel_event, Category::pixel_loader, Category::app_events})
        at(r.ruling, category) = Action::answer;
    for (const Category category : {Category::social_plugin, Category::meta_logging, Category::login})
        at(r.ruling, category) = Action::allow;
    return r;
}

} // namespace

Rulings rulings_of(Profile profile, bool meta_apps, bool facebook_login) noexcept
{
    Rulings r;
    switch (profile) {
    case Profile::off:
        r.ruling = r.when_not_intercepted = everywhere(Action::allow);
        return r;
    case Profile::log:
        r.ruling = everywhere(Action::log);
        at(r.ruling, Category::login) = Action::allow;
        r.when_not_intercepted = r.ruling;
        return r;
    case Profile::standard:
    case Profile::strict:
        break;
    }

    const bool strict = profile == Profile::strict;
    r = guarded();
    if (strict)
        at(r.ruling, Category::social_plugin) = at(r.ruling, Category::meta_logging) = Action::block;

    // A host that nobody looked into is blocked or allowed as a whole: its loader is dispensable unless pages log in
    // through it, its app events share a host with what Meta's own apps need.
    r.when_not_intercepted = r.ruling;
    at(r.when_not_intercepted, Category::pixel_loader) = facebook_login && !strict ? Action::allow : Action::block;
    at(r.when_not_intercepted, Category::app_events) = meta_apps ? Action::allow : Action::block;
    return r;
}

} // namespace paravent::policy
