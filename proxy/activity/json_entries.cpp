#include "proxy/activity/json_entries.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// The index of the quote that ends the string which begins at `i`.
std::size_t end_of_string(std::string_view json, std::size_t i) noexcept
{
    for (++i; i < json.size() && json[i] != '"'; ++i)
        i += json[i] == '\\' ? 1 : 0;
    return i;
}

} // namespace

std::vector<TextRange> json_entries(std::string_view json, std::size_t most)
{
    std::vector<TextRange> entries;
    std::size_t depth = 0, begin = std::string_view::npos, end = 0;
    const auto finish = [&] {
        if (begin != std::string_view::npos && entries.size() < most)
            entries.emplace_back(begin, end);
        begin = std::string_view::npos;
    };
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (blanks.find(c) != std::string_view::npos)
            continue;
        const bool closes = c == ']' || c == '}';
        if (depth == 1 && (c == ',' || closes)) {
            finish();
        } else if (depth >= 1) {
            begin = std::min(begin, i);
            if (c == '"')
                i = end_of_string(json, i);
            end = std::min(i + 1, json.size());
        }
        depth += c == '[' || c == '{' ? 1 : 0;
        depth -= closes && depth > 0 ? 1 : 0;
    }
    return entries;
}

std::vector<TextRange> json_members(std::string_view json)
{
    constexpr std::size_t most = 65'536;
    auto members = json_entries(json, most);
    for (auto& [begin, end] : members) {
        const auto colon = std::min(json.find(':', end_of_string(json, begin)), end - 1);
        begin = std::min(json.find_first_not_of(blanks, colon + 1), end);
    }
    return members;
}

} // namespace paravent::activity
