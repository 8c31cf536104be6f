#pragma once

#include "proxy/activity/export.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace paravent::imports {

/// Adds the events of an export up as they are read, within a bound of memory: an export has millions of events, and a
/// row for each business. A business's name may be told after its events, so it ends a business.
class Summing {
public:
    /// How much may be kept; an export that needs more is refused.
    struct Limits {
        std::size_t rows = activity::max_export_rows;
        std::size_t memory = std::size_t{20} << 20; ///< bytes, about
    };
    Summing() = default;
    explicit Summing(Limits limits) : limits_(limits) {}

    /// Later times are none: one wrong event would take their days from all others.
    void none_after(std::int64_t seconds) noexcept { latest_ = std::min(latest_, seconds); }

    /// One event of the business that is being read. `account`: digits, else it counts as none. A time that is none
    /// makes it unreadable. False: there is no room for more.
    bool event(std::string_view account, std::string_view type, std::int64_t time);
    void unreadable() noexcept { ++unread_; }
    /// Ends the business that is being read. `page`: the HTML page it stood on, or 0.
    bool business(std::string_view name, std::uint64_t page = 0);

    /// Of businesses that stood on pages, keeps those whose page is linked. Where none is, the index is not in this
    /// part of the export: then all stay but what repeats another page, and but the `spare` pages, which no index of
    /// Meta's links and which repeat pages of any part, as long as there are others. `links`: sorted.
    void keep_linked(const std::vector<std::uint64_t>& links, const std::vector<std::uint64_t>& spare = {});
    /// Adds up what is told of the same name and account, and sorts by them.
    void finish();

    std::size_t rows() const noexcept { return rows_.size(); }
    activity::ExportRow row(std::size_t index) const;
    std::uint64_t events() const noexcept;
    std::uint64_t skipped() const noexcept { return skipped_ + unread_; }

private:
    using TypeId = std::uint16_t;
    struct Row {
        std::string name, account;
        std::uint64_t page = 0, unread = 0;
        std::vector<std::pair<TypeId, std::uint64_t>> types;
        std::int64_t first = 0, last = 0;
        activity::ExportCounts days, months;
    };
    TypeId type_id(std::string_view type);
    Row& row_of(std::string_view account);
    void count_type(Row& row, TypeId type, std::uint64_t events);
    void count_day(Row& row, std::int32_t day, std::uint32_t events);
    void add_up(Row& into, const Row& row);
    void compact();
    bool make_room();
    static std::size_t cost(const Row& row) noexcept;
    static bool before(const Row& a, const Row& b) noexcept;

    Limits limits_;
    std::int64_t latest_ = activity::last_export_time;
    std::deque<Row> rows_; ///< from `begun_` on those of the business being read, which have no name yet
    std::size_t begun_ = 0;
    std::unordered_map<std::string, std::size_t> accounts_; ///< of the business being read: rows after begun_
    std::size_t recent_ = 0;                                ///< the row that the last event went to, after begun_
    std::size_t cost_ = 0;
    std::uint64_t unread_ = 0; ///< of the business being read
    std::uint64_t skipped_ = 0;
    std::int32_t newest_day_ = 0;
    std::map<std::string, TypeId, std::less<>> type_ids_;
    std::vector<std::string> types_;
    std::string recent_type_; ///< as it came
    TypeId recent_type_id_ = 0;
};

} // namespace paravent::imports
