// "Was that mine?": what the owner gives and takes back.
#include "proxy/policy/policy.hpp"

#include "proxy/policy/state.hpp"

namespace paravent::policy {

using activity::Mine;
using activity::Own;

namespace {

std::string normal(Own kind, std::string_view written)
{
    auto form = activity::normal_form(kind, written);
    if (!form.fault.empty())
        throw PolicyError(form.fault);
    return std::move(form.text);
}

} // namespace

/// Called with `mine_changing` held: in force once it is on the disk, so that what is removed is gone from both.
void Policy::State::put_mine(std::shared_ptr<const Mine> next)
{
    if (const auto error = mine_file.write(*next))
        throw std::runtime_error(mine_file.path().string() + " cannot be written (" + error.message() +
                                 "); nothing was changed");
    const std::lock_guard lock(mutex);
    mine_problem.clear();
    mine = next->empty() ? nullptr : std::move(next);
    rebuild_all();
}

std::shared_ptr<const Mine> Policy::mine() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->mine;
}

bool Policy::add_mine(Own kind, std::string_view written)
{
    const auto value = normal(kind, written);
    const std::lock_guard one_at_a_time(state_->mine_changing);
    const auto now = mine();
    auto next = std::make_shared<Mine>(now ? *now : Mine(fresh_mine_key()));
    const auto mark = next->mark_of(value);
    if (next->has(kind, mark))
        return false;
    if (!next->add(kind, mark))
        throw PolicyError("there are " + std::to_string(Mine::most) + " " + std::string(words_for(kind, true)) +
                          " already: remove one first");
    state_->put_mine(std::move(next));
    return true;
}

bool Policy::remove_mine(Own kind, std::string_view written)
{
    const auto value = normal(kind, written);
    const std::lock_guard one_at_a_time(state_->mine_changing);
    const auto now = mine();
    auto next = std::make_shared<Mine>(now ? *now : Mine(Mine::Bytes{}));
    if (!next->remove(kind, next->mark_of(value)))
        return false;
    state_->put_mine(std::move(next));
    return true;
}

std::size_t Policy::remove_mine(std::optional<Own> kind)
{
    const std::lock_guard one_at_a_time(state_->mine_changing);
    const auto now = mine();
    auto next = std::make_shared<Mine>(now ? *now : Mine(Mine::Bytes{}));
    std::size_t removed = 0;
    for (const auto each : {Own::em, Own::ph})
        if (!kind || *kind == each) {
            removed += next->marks(each).size();
            next->remove(each);
        }
    // Also where there was nothing to remove: a file that could not be read is none of these.
    if (removed != 0 || (!now && !kind))
        state_->put_mine(std::move(next));
    return removed;
}

} // namespace paravent::policy
