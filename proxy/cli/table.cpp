#include "proxy/cli/table.hpp"

#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"

#include <algorithm>
#include <ctime>

namespace paravent::cli {
namespace {

/// Code points; the text is inert, so each has a glyph.
std::size_t width_of(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

} // namespace

Table::Table(std::vector<std::string> titles) : rows_{std::move(titles)} {}

void Table::add(std::vector<std::string> row)
{
    row.resize(rows_.front().size());
    for (auto& cell : row)
        cell = dashboard::inert(cell);
    rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out) const
{
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width_of(row[i]));
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i)
            line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    }
}

std::string local_time(std::int64_t unix_ms)
{
    if (unix_ms == 0)
        return {};
    const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
    std::tm local{};
    char text[32];
    if (::localtime_r(&seconds, &local) == nullptr)
        return {};
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local)};
}

std::string local_time(std::string_view rfc3339)
{
    const auto ms = dashboard::parse_time(rfc3339);
    return ms ? local_time(*ms) : std::string(rfc3339);
}

} // namespace paravent::cli
