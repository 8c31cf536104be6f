#include "proxy/activity/export.hpp"

#include "proxy/activity/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <tuple>

namespace paravent::activity {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_line = 128 * 1024; ///< the longest that line_of writes has 60 KiB
constexpr std::size_t most_months = 1'200;       ///< of the years that are taken for times

void write(const ExportCounts& counts, std::string& out)
{
    out += '[';
    for (const auto& [key, events] : counts) {
        out.append(out.back() == '[' ? "[" : ",[").append(std::to_string(key));
        out.append(",").append(std::to_string(events)).append("]");
    }
    out += ']';
}

std::optional<ExportCounts> read_counts(const json::object& object, std::string_view key, std::size_t most)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_array() || value->get_array().size() > most)
        return std::nullopt;
    ExportCounts counts;
    for (const auto& entry : value->get_array()) {
        const auto* pair = entry.if_array();
        if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_int64())
            return std::nullopt;
        const auto when = (*pair)[0].get_int64(), events = (*pair)[1].get_int64();
        if (when < 0 || when > std::numeric_limits<std::int32_t>::max() || events < 1 ||
            events > std::numeric_limits<std::uint32_t>::max() || (!counts.empty() && counts.back().first >= when))
            return std::nullopt;
        counts.emplace_back(static_cast<std::int32_t>(when), static_cast<std::uint32_t>(events));
    }
    return counts;
}

std::optional<std::string> read_text(const json::object& object, std::string_view key, std::size_t longest)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_string())
        return std::nullopt;
    std::string text(value->get_string());
    return clean_text(text, longest) == text ? std::optional(std::move(text)) : std::nullopt;
}

std::optional<std::int64_t> read_time(const json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < first_export_time ||
        value->get_int64() >= last_export_time)
        return std::nullopt;
    return value->get_int64();
}

bool read_types(const json::object& object, ExportRow& row)
{
    const auto* value = object.if_contains("types");
    if (value == nullptr || !value->is_object() || value->get_object().size() > max_export_types + 1)
        return false;
    for (const auto& [type, events] : value->get_object()) {
        if (type.empty() || clean_text(type, max_export_type) != type || !events.is_int64() || events.get_int64() < 1)
            return false;
        row.types.emplace(type, events.get_int64());
    }
    return !row.types.empty();
}

std::uint64_t saturated(std::uint64_t a, std::uint64_t b) noexcept
{
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max(); // what JSON's readers take for whole
    return a > most - std::min(b, most) ? most : a + b;
}

void cut_days(std::vector<ExportRow>& rows)
{
    std::int64_t newest = first_export_time;
    for (const auto& row : rows)
        newest = std::max(newest, row.last_s);
    const auto from = day_of(newest) - export_days + 1;
    for (auto& row : rows)
        std::erase_if(row.days, [&](const auto& day) { return day.first < from; });
}

/// Leaves those with the most events; returns how many events the others had.
std::uint64_t cut_rows(std::vector<ExportRow>& rows)
{
    if (rows.size() <= max_export_rows)
        return 0;
    const auto end = rows.begin() + max_export_rows;
    std::nth_element(rows.begin(), end, rows.end(),
                     [](const auto& a, const auto& b) { return a.events() > b.events(); });
    std::uint64_t gone = 0;
    for (auto row = end; row != rows.end(); ++row)
        gone = saturated(gone, row->events());
    rows.erase(end, rows.end());
    return gone;
}

bool before(const ExportRow& a, const ExportRow& b)
{
    return std::tie(a.name, a.account) < std::tie(b.name, b.account);
}

} // namespace

std::uint64_t ExportRow::events() const
{
    std::uint64_t sum = 0;
    for (const auto& [type, events] : types)
        sum = saturated(sum, events);
    return sum;
}

std::uint64_t MetaExport::events() const
{
    std::uint64_t sum = 0;
    for (const auto& row : rows)
        sum = saturated(sum, row.events());
    return sum;
}

std::int32_t day_of(std::int64_t seconds) noexcept
{
    using namespace std::chrono;
    return static_cast<std::int32_t>(floor<days>(std::chrono::seconds(seconds)).count());
}

std::int32_t month_of(std::int64_t seconds) noexcept
{
    using namespace std::chrono;
    const year_month_day date{sys_days{floor<days>(std::chrono::seconds(seconds))}};
    return (static_cast<int>(date.year()) - 1970) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

std::string line_of(const ExportRow& row)
{
    std::string out = "{\"name\":" + json::serialize(row.name) + ",\"account\":" + json::serialize(row.account);
    out += ",\"types\":{";
    for (const auto& [type, events] : row.types)
        out.append(out.back() == '{' ? "" : ",")
            .append(json::serialize(type))
            .append(":")
            .append(std::to_string(events));
    out.append("},\"first\":")
        .append(std::to_string(row.first_s))
        .append(",\"last\":")
        .append(std::to_string(row.last_s));
    out += ",\"days\":";
    write(row.days, out);
    out += ",\"months\":";
    write(row.months, out);
    out += "}\n";
    return out;
}

std::optional<ExportRow> read_row(std::string_view line)
{
    if (line.size() > longest_line)
        return std::nullopt;
    json::parse_options options;
    options.max_depth = 4;
    boost::system::error_code error;
    const auto value = json::parse(line, error, {}, options);
    const auto* object = value.if_object();
    if (error || object == nullptr)
        return std::nullopt;
    ExportRow row;
    auto name = read_text(*object, "name", max_export_name);
    auto account = read_text(*object, "account", max_export_account);
    const auto first = read_time(*object, "first"), last = read_time(*object, "last");
    auto days = read_counts(*object, "days", static_cast<std::size_t>(export_days));
    auto months = read_counts(*object, "months", most_months);
    if (!name || !account || !first || !last || *first > *last || !days || !months || !read_types(*object, row))
        return std::nullopt;
    if (account->empty() ? name->empty() : !is_account(*account))
        return std::nullopt;
    row.name = std::move(*name);
    row.account = std::move(*account);
    row.first_s = *first;
    row.last_s = *last;
    row.days = std::move(*days);
    row.months = std::move(*months);
    return row;
}

void count(ExportCounts& counts, std::int32_t key, std::uint32_t events)
{
    const auto at = std::lower_bound(counts.begin(), counts.end(), key,
                                     [](const auto& entry, std::int32_t wanted) { return entry.first < wanted; });
    if (at == counts.end() || at->first != key)
        counts.emplace(at, key, events);
    else
        at->second += std::min(events, std::numeric_limits<std::uint32_t>::max() - at->second);
}

void add_up(ExportRow& into, const ExportRow& row)
{
    for (const auto& [type, events] : row.types) {
        const bool room = into.types.size() < max_export_types + (into.types.contains(other_type) ? 1 : 0);
        auto& sum = into.types[room || into.types.contains(type) ? type : std::string(other_type)];
        sum = saturated(sum, events);
    }
    into.first_s = std::min(into.first_s, row.first_s);
    into.last_s = std::max(into.last_s, row.last_s);
    for (const auto& [day, events] : row.days)
        count(into.days, day, events);
    for (const auto& [month, events] : row.months)
        count(into.months, month, events);
}

void merge(MetaExport& into, MetaExport&& part)
{
    if (into.source.empty())
        into.source = std::move(part.source);
    else if (!part.source.empty() && into.source != part.source)
        into.source = "both";
    into.zoned = into.zoned && part.zoned;
    into.skipped = saturated(into.skipped, part.skipped);
    std::move(part.parts.begin(), part.parts.end(), std::back_inserter(into.parts));
    std::move(part.rows.begin(), part.rows.end(), std::back_inserter(into.rows));

    std::sort(into.rows.begin(), into.rows.end(), before);
    std::vector<ExportRow> rows;
    for (auto& row : into.rows) {
        if (!rows.empty() && !before(rows.back(), row))
            add_up(rows.back(), row);
        else
            rows.push_back(std::move(row));
    }
    cut_days(rows);
    if (const auto gone = cut_rows(rows); gone > 0) {
        into.skipped = saturated(into.skipped, gone);
        std::sort(rows.begin(), rows.end(), before);
    }
    into.rows = std::move(rows);
}

} // namespace paravent::activity
