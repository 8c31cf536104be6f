#include "proxy/import/summing.hpp"

#include "proxy/activity/text.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

namespace paravent::imports {
namespace {

constexpr std::size_t most_types = 4'096; ///< of all businesses together: Meta has some twenty

/// "Page view" of one shape is PAGE_VIEW of the others.
std::string type_name(std::string_view text)
{
    std::string name = activity::clean_text(text, activity::max_export_type);
    for (char& c : name)
        c = c == ' ' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name.empty() ? std::string(activity::other_type) : name;
}

bool is_account(std::string_view text) noexcept
{
    return text.size() <= activity::max_export_account && activity::is_account(text);
}

} // namespace

/// A vector that grew by doubling may be half empty.
std::size_t Summing::cost(const Row& row) noexcept
{
    return sizeof(Row) + 64 + row.name.capacity() + row.account.capacity() +
           sizeof(row.types[0]) * row.types.capacity() +
           sizeof(row.days[0]) * (row.days.capacity() + row.months.capacity());
}

bool Summing::before(const Row& a, const Row& b) noexcept
{
    return std::tie(a.name, a.account, a.page) < std::tie(b.name, b.account, b.page);
}

Summing::TypeId Summing::type_id(std::string_view type)
{
    if (!types_.empty() && recent_type_ == type)
        return recent_type_id_;
    auto name = type_name(type);
    auto at = type_ids_.find(name);
    if (at == type_ids_.end() && types_.size() >= most_types)
        at = type_ids_.find(name = activity::other_type);
    if (at == type_ids_.end()) {
        at = type_ids_.emplace(name, static_cast<TypeId>(types_.size())).first;
        types_.push_back(std::move(name));
    }
    recent_type_ = type;
    return recent_type_id_ = at->second;
}

Summing::Row& Summing::row_of(std::string_view account)
{
    if (begun_ + recent_ < rows_.size() && rows_[begun_ + recent_].account == account)
        return rows_[begun_ + recent_];
    const auto [at, is_new] = accounts_.try_emplace(std::string(account), rows_.size() - begun_);
    recent_ = at->second;
    if (is_new) {
        rows_.emplace_back().account = account;
        rows_.back().first = std::numeric_limits<std::int64_t>::max();
        cost_ += cost(rows_.back());
    }
    return rows_[begun_ + recent_];
}

void Summing::count_type(Row& row, TypeId type, std::uint64_t events)
{
    const auto find = [&](TypeId id) {
        return std::find_if(row.types.begin(), row.types.end(), [&](const auto& t) { return t.first == id; });
    };
    auto at = find(type);
    if (at == row.types.end() && row.types.size() >= activity::max_export_types) {
        recent_type_.clear();
        type = type_id(activity::other_type);
        at = find(type);
    }
    if (at == row.types.end())
        row.types.emplace_back(type, events);
    else
        at->second += events;
}

void Summing::count_day(Row& row, std::int32_t day, std::uint32_t events)
{
    const auto from = newest_day_ - activity::export_days + 1;
    if (day < from)
        return;
    if (row.days.size() >= static_cast<std::size_t>(activity::export_days))
        std::erase_if(row.days, [&](const auto& old) { return old.first < from; });
    activity::count(row.days, day, events);
}

bool Summing::event(std::string_view account, std::string_view type, std::int64_t time)
{
    if (time < activity::first_export_time || time >= latest_) {
        unreadable();
        return true;
    }
    Row& row = row_of(is_account(account) ? account : std::string_view{});
    const auto cost_before = cost(row);
    count_type(row, type_id(type), 1);
    row.first = std::min(row.first, time);
    row.last = std::max(row.last, time);
    const auto day = activity::day_of(time);
    newest_day_ = std::max(newest_day_, day);
    count_day(row, day, 1);
    activity::count(row.months, activity::month_of(time), 1);
    cost_ += cost(row) - cost_before;
    return make_room();
}

bool Summing::business(std::string_view name, std::uint64_t page)
{
    const auto clean = activity::clean_text(name, activity::max_export_name);
    for (auto i = begun_; i < rows_.size(); ++i) {
        cost_ -= cost(rows_[i]);
        rows_[i].name = clean;
        rows_[i].page = page;
        cost_ += cost(rows_[i]);
    }
    // What could not be read goes with its page, which may not count.
    if (begun_ < rows_.size())
        rows_.back().unread = std::exchange(unread_, 0);
    else
        skipped_ += std::exchange(unread_, 0);
    begun_ = rows_.size();
    accounts_.clear();
    recent_ = 0;
    return make_room();
}

void Summing::add_up(Row& into, const Row& row)
{
    for (const auto& [type, events] : row.types)
        count_type(into, type, events);
    into.first = std::min(into.first, row.first);
    into.last = std::max(into.last, row.last);
    into.unread += row.unread;
    for (const auto& [day, events] : row.days)
        count_day(into, day, events);
    for (const auto& [month, events] : row.months)
        activity::count(into.months, month, events);
}

/// Adds up the businesses that have ended, each page's apart.
void Summing::compact()
{
    const auto end = rows_.begin() + static_cast<std::ptrdiff_t>(begun_);
    std::sort(rows_.begin(), end, before);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < begun_; ++i) {
        if (kept > 0 && !before(rows_[kept - 1], rows_[i]))
            add_up(rows_[kept - 1], rows_[i]);
        else if (const auto to = kept++; to != i)
            rows_[to] = std::move(rows_[i]);
    }
    rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(kept), end);
    begun_ = kept;
    cost_ = std::accumulate(rows_.begin(), rows_.end(), std::size_t{0},
                            [](std::size_t sum, const Row& row) { return sum + cost(row); });
}

/// A business may come many times. It is added up only once there is too much, and then a quarter must become free,
/// else an export could be made that is sorted anew with each event.
bool Summing::make_room()
{
    if (rows_.size() < limits_.rows + limits_.rows / 4 && cost_ < limits_.memory + limits_.memory / 4)
        return true;
    compact();
    return begun_ <= limits_.rows && rows_.size() < limits_.rows + limits_.rows / 4 && cost_ <= limits_.memory;
}

void Summing::keep_linked(const std::vector<std::uint64_t>& links, const std::vector<std::uint64_t>& spare)
{
    const auto is_linked = [&](const Row& row) { return std::binary_search(links.begin(), links.end(), row.page); };
    if (std::any_of(rows_.begin(), rows_.end(), is_linked)) {
        std::erase_if(rows_, [&](const Row& row) { return row.page != 0 && !is_linked(row); });
    } else {
        const auto is_spare = [&](const Row& row) {
            return std::find(spare.begin(), spare.end(), row.page) != spare.end();
        };
        if (std::any_of(rows_.begin(), rows_.end(), [&](const Row& row) { return row.page != 0 && !is_spare(row); }))
            std::erase_if(rows_, is_spare);
        std::sort(rows_.begin(), rows_.end(), before);
        const auto repeats = [](const Row& a, const Row& b) {
            return a.page != 0 && b.page != 0 && a.name == b.name && a.account == b.account && a.types == b.types &&
                   a.first == b.first && a.last == b.last && a.days == b.days && a.months == b.months;
        };
        rows_.erase(std::unique(rows_.begin(), rows_.end(), repeats), rows_.end());
    }
    begun_ = rows_.size();
}

void Summing::finish()
{
    for (auto& row : rows_) {
        row.page = 0;
        skipped_ += std::exchange(row.unread, 0);
        const auto from = newest_day_ - activity::export_days + 1;
        std::erase_if(row.days, [&](const auto& day) { return day.first < from; });
    }
    compact();
    // Nothing to tell it by.
    std::erase_if(rows_, [&](const Row& row) {
        const bool nameless = row.name.empty() && row.account.empty();
        for (const auto& [type, events] : row.types)
            skipped_ += nameless ? events : 0;
        return nameless;
    });
    begun_ = rows_.size();
}

activity::ExportRow Summing::row(std::size_t index) const
{
    const Row& from = rows_[index];
    activity::ExportRow row;
    row.name = from.name;
    row.account = from.account;
    for (const auto& [type, events] : from.types)
        row.types[types_[type]] += events;
    row.first_s = from.first;
    row.last_s = from.last;
    row.days = from.days;
    row.months = from.months;
    return row;
}

std::uint64_t Summing::events() const noexcept
{
    std::uint64_t sum = 0;
    for (const auto& row : rows_)
        for (const auto& [type, events] : row.types)
            sum += events;
    return sum;
}

} // namespace paravent::imports
