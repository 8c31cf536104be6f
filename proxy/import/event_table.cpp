#include "proxy/import/event_table.hpp"

#include "proxy/activity/text.hpp"
#include "proxy/import/moment.hpp"

#include <algorithm>

namespace paravent::imports {
namespace {

constexpr std::size_t most_in_row = 8;
constexpr std::size_t longest_value = 200;

bool is_account(std::string_view text) noexcept
{
    return text.size() <= activity::max_export_account && activity::is_account(text);
}

bool is_moment(std::string_view text)
{
    return read_moment(text).kind != Moment::Kind::none;
}

} // namespace

void EventTable::add(std::string_view text)
{
    text = activity::trimmed(text);
    if (!text.empty() && row_.size() < most_in_row)
        row_.emplace_back(text.substr(0, longest_value));
}

bool EventTable::end_row()
{
    bool room = true;
    if (row_.size() > 2 && std::any_of(row_.begin(), row_.end(), is_moment)) { // a row for each event
        room = end_event();
        for (const auto& value : row_)
            room = room && take(value);
        room = room && end_event();
    } else if (row_.size() > 1) {
        room = take(row_.back());
    } else if (!row_.empty() && (is_account(row_[0]) || is_moment(row_[0]))) { // its label is empty
        room = take(row_[0]);
    }
    row_.clear();
    return room;
}

/// Several events may stand in one table, one below the other: what comes a second time begins the next.
bool EventTable::take(std::string_view value)
{
    const auto moment = read_moment(value);
    bool room = true;
    if (is_account(value)) {
        if (!account_.empty())
            room = end_event();
        account_ = value;
    } else if (moment.kind == Moment::Kind::none) {
        if (type_.empty())
            type_ = value;
    } else {
        if (has_time_ || bad_time_)
            room = end_event();
        has_time_ = moment.kind == Moment::Kind::time;
        bad_time_ = !has_time_;
        time_ = moment.seconds;
        zoned_ = zoned_ && (moment.zoned || bad_time_);
    }
    return room;
}

bool EventTable::end_event()
{
    bool room = true;
    if (has_time_) {
        ++events_;
        room = summing_.event(account_, type_, time_);
    } else if (bad_time_ || !account_.empty()) { // other tables have neither
        ++(bad_time_ ? unread_times_ : without_time_);
        summing_.unreadable();
    }
    account_.clear();
    type_.clear();
    has_time_ = bad_time_ = false;
    return room;
}

} // namespace paravent::imports
