#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::activity {

inline constexpr std::size_t max_export_rows = 50'000;
inline constexpr std::size_t max_export_name = 300;   ///< bytes
inline constexpr std::size_t max_export_account = 20; ///< digits
inline constexpr std::size_t max_export_type = 64;    ///< bytes
inline constexpr std::size_t max_export_types = 40;   ///< in one row, beside "OTHER", which is all the rest
inline constexpr std::int32_t export_days = 100;      ///< single days are kept of so many before the newest event
/// 2000-01-01 to 2100-01-01: outside of it no time of Meta's is one.
inline constexpr std::int64_t first_export_time = 946'684'800, last_export_time = 4'102'444'800;
inline constexpr std::string_view other_type = "OTHER";

/// Days since 1970 or months since 1970-01, each with its events; ascending.
using ExportCounts = std::vector<std::pair<std::int32_t, std::uint32_t>>;

/// What Meta says that a business told it, added up: all that is kept of Meta's export.
struct ExportRow {
    std::string name, account; ///< as Meta writes it; digits, empty where there are none
    std::map<std::string, std::uint64_t, std::less<>> types;
    std::int64_t first_s = 0, last_s = 0; ///< Unix time, of when Meta received it
    ExportCounts days, months;            ///< days only of the newest `export_days`
    std::uint64_t events() const;
    bool operator==(const ExportRow&) const = default;
};

struct MetaExport {
    std::string source; ///< "facebook", "instagram" or "both"
    bool zoned = true;  ///< false: its times came without a zone, and were read as UTC
    std::uint64_t skipped = 0;
    std::vector<std::string> parts; ///< SHA-256 of each file, hex
    std::vector<ExportRow> rows;
    std::uint64_t events() const;
};

/// One line of JSON with its line end.
std::string line_of(const ExportRow& row);
/// Nothing where the line is not as line_of writes it: it comes from a program that read a stranger's file.
std::optional<ExportRow> read_row(std::string_view line);

/// Months since 1970-01 and days since 1970 of a Unix time, in UTC.
std::int32_t day_of(std::int64_t seconds) noexcept;
std::int32_t month_of(std::int64_t seconds) noexcept;

/// Adds one event, or some, to what is counted of its day, month or type; never beyond what the number holds.
void count(ExportCounts& counts, std::int32_t key, std::uint32_t events = 1);
/// Adds up what is told of the same name and account.
void add_up(ExportRow& into, const ExportRow& row);
/// The parts of one export become one: the same name and account added up, sorted by them, days cut to the newest.
/// Beyond `max_export_rows` those with the fewest events are counted in `skipped` alone.
void merge(MetaExport& into, MetaExport&& part);

} // namespace paravent::activity
