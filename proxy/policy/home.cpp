// What the owner says of the whole home.
#include "proxy/policy/home.hpp"

#include "proxy/policy/state.hpp"

namespace paravent::policy {

bool is_language(std::string_view text) noexcept
{
    return text == "en" || text == "fr";
}

/// What is in force: the owner's answers over the file's.
Home Policy::State::home_in_force(std::int64_t now) const
{
    Home in_force{answers.profile.value_or(file_home.profile), answers.privacy.value_or(file_home.privacy), {}};
    if (answers.paused_until_ms && *answers.paused_until_ms > now)
        in_force.paused_until_ms = answers.paused_until_ms;
    return in_force;
}

HomeAnswers Policy::home() const
{
    const std::lock_guard lock(state_->mutex);
    auto answers = state_->answers;
    if (answers.paused_until_ms && *answers.paused_until_ms <= now_ms())
        answers.paused_until_ms.reset();
    return answers;
}

HomeAnswers Policy::change_home(const HomeChange& change)
{
    if (change.language && *change.language && !is_language(**change.language))
        throw PolicyError("language: is en, fr or null (as the browser asks)");
    HomeAnswers changed;
    {
        const std::lock_guard lock(state_->mutex);
        auto& mine = state_->answers;
        const auto answer = [](auto& own, const auto& asked) {
            if (asked)
                own = *asked;
        };
        answer(mine.profile, change.profile);
        answer(mine.privacy, change.privacy);
        answer(mine.retention, change.retention);
        answer(mine.require_login, change.require_login);
        answer(mine.paused_until_ms, change.paused_until_ms);
        if (change.language)
            mine.language = change.language->value_or("");
        if (change.guests_may_ask)
            mine.guests_may_ask = change.guests_may_ask->value_or(false);
        if (mine.paused_until_ms && *mine.paused_until_ms <= now_ms())
            mine.paused_until_ms.reset();
        state_->home = state_->home_in_force(now_ms());
        state_->rebuild_all();
        changed = mine;
    }
    state_->save_now();
    return changed;
}

} // namespace paravent::policy
