#pragma once

#include "proxy/import/summing.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::imports {

/// Makes events of the texts in a page's tables. A row is a label and a value, or one whole event; a label may say
/// anything. Each function that returns a bool says whether there is still room.
class EventTable {
public:
    explicit EventTable(Summing& summing) noexcept : summing_(summing) {}

    /// A text of the row that is being read; blanks are none.
    void add(std::string_view text);
    bool end_row();
    bool end_event();

    std::uint64_t events() const noexcept { return events_; }
    std::uint64_t unread_times() const noexcept { return unread_times_; }
    /// Tables with an id and no text that looks like a time: none of Meta's list, or times that nothing tells by.
    std::uint64_t without_time() const noexcept { return without_time_; }
    bool zoned() const noexcept { return zoned_; }

private:
    bool take(std::string_view value);

    Summing& summing_;
    std::vector<std::string> row_;
    std::string account_, type_;
    std::int64_t time_ = 0;
    bool has_time_ = false, bad_time_ = false; ///< of the event being read
    bool zoned_ = true;
    std::uint64_t events_ = 0, unread_times_ = 0, without_time_ = 0;
};

} // namespace paravent::imports
