// How the policy comes from STATE/policy.json and goes back there.
#include "proxy/policy/state.hpp"

#include <sys/stat.h>

namespace paravent::policy {

using namespace std::chrono_literals;

namespace {

constexpr auto gather = 3s; // what happens within it is saved at once: an SD card is slow and wears out
constexpr auto retry = 60s; // after a failed save
constexpr auto look_again_every = 30s;

std::filesystem::path usable(const std::filesystem::path& directory)
{
    std::error_code error;
    const bool made = std::filesystem::create_directories(directory, error);
    if (made)
        chmod(directory.c_str(), 0700);
    if (error || !std::filesystem::is_directory(directory, error))
        throw PolicyError("the state directory " + directory.string() + " cannot be used" +
                          (error ? ": " + error.message() : ": it is no directory"));
    return directory / "policy.json";
}

} // namespace

Policy::State::State(const std::filesystem::path& directory, std::unique_ptr<Neighbours> table)
    : neighbours(std::move(table)), file(usable(directory)), mine_file(directory)
{
}

void Policy::State::load()
{
    const auto text = file.read();
    if (!text && text.error() != boost::system::errc::file_too_large) {
        writes = false;
        file_problem = file.path().string() + " cannot be read (" + text.error().message() +
                       "): the settings file's answers hold, and changes are lost at the next start";
        return;
    }
    if (text && text->empty() && !std::filesystem::exists(file.path()))
        return;

    Kept kept;
    if (text) {
        kept = parse_state(*text);
    } else {
        kept.condition = Kept::Condition::broken;
        kept.fault = "it is far too large";
    }
    if (kept.condition == Kept::Condition::newer) {
        writes = false;
        file_problem = file.path().string() +
                       " was written by a newer Paravent: the settings file's answers hold, and changes are lost at "
                       "the next start. Install that version again, or move the file away";
        return;
    }
    if (kept.condition != Kept::Condition::good) {
        const auto aside = file.move_aside();
        writes = aside.has_value(); // what could not be moved away is not written over either
        file_problem =
            file.path().string() + " was not in order (" + kept.fault + "); " +
            (aside ? "it was moved to " + aside->string()
                   : "it could not be moved away (" + aside.error().message() +
                         "), so changes are lost at the next start") +
            (kept.condition == Kept::Condition::partly ? ". The rest of it holds"
                                                       : ". Devices and exceptions begin anew from the settings file");
        dirty = true;
    }
    if (!kept.ids)
        devices.ids().skip_short(); // they may stand in the statistics
    adopt(std::move(kept));
}

void Policy::State::adopt(Kept kept)
{
    if (kept.ids)
        devices.ids() = *kept.ids;
    answers = std::move(kept.home);
    home = home_in_force(now_ms());
    for (Record& record : kept.devices)
        devices.restore(std::move(record));
    exceptions.restore(std::move(kept.exceptions), kept.next_exception);
    lists = std::move(kept.lists);
    subscriptions = std::move(kept.subscriptions);
    sites = std::make_shared<Sites>(std::move(kept.sites));
}

std::string Policy::State::save()
{
    const std::lock_guard one_at_a_time(saving);
    std::string text;
    {
        const std::lock_guard lock(mutex);
        dirty = false;
        if (!writes)
            return file_problem;
        text = state_text(devices, exceptions, lists, subscriptions, *sites, answers);
    }
    const auto error = file.write(text); // without the lock: fsync on an SD card takes its time, requests don't wait

    const std::lock_guard lock(mutex);
    save_problem.clear();
    if (error) {
        dirty = true;
        save_problem = file.path().string() + " cannot be written (" + error.message() +
                       "): devices and exceptions are kept in memory until it can";
    }
    return save_problem;
}

void Policy::State::save_now()
{
    (void)save();
}

void Policy::State::save_soon()
{
    dirty = true;
    wake.notify_one();
}

void Policy::State::stir()
{
    if (!active) {
        active = true;
        wake.notify_one();
    }
}

void Policy::State::keep(Policy& policy, const std::stop_token& stop)
{
    auto next_look = std::chrono::steady_clock::now() + look_again_every;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        wake.wait(lock, stop, [this] { return dirty || active; });
        const auto now = std::chrono::steady_clock::now();
        const bool failed = !save_problem.empty();
        // Something is to be saved, or only to be looked at again when its time has come.
        const auto until = dirty ? now + (failed ? retry : gather) : std::max(next_look, now);
        const bool was_dirty = dirty;
        if (wake.wait_until(lock, stop, until, [&] { return dirty != was_dirty; }) || stop.stop_requested())
            continue;
        const bool save_due = dirty;
        const bool look_due = active && std::chrono::steady_clock::now() >= next_look;
        if (look_due)
            active = false;
        lock.unlock();
        if (save_due)
            save_now();
        if (look_due) {
            policy.look_again();
            next_look = std::chrono::steady_clock::now() + look_again_every;
        }
        lock.lock();
    }
}

Policy::Policy(const std::filesystem::path& state_directory, const config::Settings& settings)
    : Policy(state_directory, settings, std::make_unique<Neighbours>())
{
}

Policy::Policy(const std::filesystem::path& state_directory, const config::Settings& settings,
               std::unique_ptr<Neighbours> neighbours)
    : state_(std::make_unique<State>(state_directory, std::move(neighbours)))
{
    state_->load();
    state_->mine = state_->mine_file.read(state_->mine_problem);
    state_->take(settings);
    state_->keeper = std::jthread([this](const std::stop_token& stop) { state_->keep(*this, stop); });
}

Policy::~Policy()
{
    state_->keeper.request_stop();
    state_->keeper.join();
    const auto unsaved = [this] {
        const std::lock_guard lock(state_->mutex);
        return state_->dirty;
    };
    if (unsaved())
        state_->save_now();
}

void Policy::save()
{
    if (const std::string problem = state_->save(); !problem.empty())
        throw PolicyError(problem);
}

std::string Policy::text() const
{
    const std::lock_guard lock(state_->mutex);
    return state_text(state_->devices, state_->exceptions, state_->lists, state_->subscriptions, *state_->sites,
                      state_->answers);
}

void Policy::restore(std::string_view text)
{
    Kept kept = parse_state(text);
    if (kept.condition == Kept::Condition::newer)
        throw PolicyError("this policy was written by a newer Paravent");
    if (kept.condition != Kept::Condition::good)
        throw PolicyError("this policy is not in order (" + kept.fault + ")");
    {
        const std::lock_guard lock(state_->mutex);
        if (!state_->writes)
            throw PolicyError(state_->file_problem);
        const DeviceIds ids = state_->devices.ids();
        // The same home's older state: what was given since then is not given again.
        if (kept.ids->key() == ids.key() && kept.ids->used() < ids.used())
            kept.ids = ids;
        while (!state_->devices.all().empty())
            state_->devices.forget(state_->devices.all().front());
        state_->adopt(std::move(kept));
        state_->devices.describe(state_->entries);
        state_->devices.settle_names();
        state_->rebuild_all();
    }
    state_->save_now();
}

std::string Policy::problem() const
{
    const std::lock_guard lock(state_->mutex);
    std::string all;
    for (const auto* one : {&state_->file_problem, &state_->save_problem, &state_->mine_problem})
        if (!one->empty())
            all += (all.empty() ? "" : "; ") + *one;
    return all;
}

} // namespace paravent::policy
