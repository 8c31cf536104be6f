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

TextRange json_member(std::string_view json, std::string_view key)
{
    constexpr std::size_t most = 4096;
    for (const auto& [begin, end] : json_entries(json, most)) {
        const auto key_end = end_of_string(json, begin);
        if (json[begin] != '"' || key_end >= end || json.substr(begin + 1, key_end - begin - 1) != key)
            continue;
        auto value = json.find(':', key_end);
        value = std::min(value, end - 1) + 1;
        return {std::min(json.find_first_not_of(blanks, value), end), end};
    }
    return {};
}

} // namespace paravent::activity
