#include "proxy/lists/candidate.hpp"

#include "proxy/lists/fetch_message.hpp"
#include "rules/ruleset.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace paravent::lists {
namespace {

constexpr std::size_t longest_line = 1024 * 1024;
constexpr std::size_t head_lines = 64; ///< where "! Expires:" may stand
constexpr std::size_t few = 100;       ///< a list with fewer rules may become what it likes

std::string_view trimmed(std::string_view text)
{
    const auto begin = text.find_first_not_of(" \t\r\n");
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

bool begins_with_word(std::string_view text, std::string_view lower)
{
    return text.size() >= lower.size() && std::ranges::equal(text.substr(0, lower.size()), lower, {}, [](char c) {
               return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
           });
}

std::string fault_of_lines(std::string_view text)
{
    std::size_t lines = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (++lines > most_lines)
            return "has more than " + std::to_string(most_lines) + " lines";
        if (end > longest_line)
            return "has a line of more than " + std::to_string(longest_line >> 20) + " MiB (line " +
                   std::to_string(lines) + ")";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

std::string fault_of(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    const auto body = trimmed(text.substr(0, 4096));
    if (body.empty())
        return "is empty";
    if (body.front() == '<')
        return "is a web page, no list";
    if (text.find('\0') != text.npos || std::ranges::any_of(body, [](char c) {
            return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n' && c != '\f';
        }))
        return "is no text";
    return fault_of_lines(text);
}

} // namespace

Candidate examine(std::string_view text)
{
    Candidate candidate;
    candidate.fault = fault_of(text);
    if (!candidate.fault.empty())
        return candidate;
    std::vector<rules::ListReport> reports;
    const rules::ListSource source{"list", "other", false, false, text};
    rules::Ruleset::compile({&source, 1}, &reports);
    candidate.rules = reports.front().rules;
    if (candidate.rules == 0)
        candidate.fault = "has no rule that could be used";
    candidate.expires = expires_in(text);
    return candidate;
}

std::optional<std::chrono::seconds> expires_in(std::string_view text)
{
    for (std::size_t i = 0; i < head_lines && !text.empty(); ++i) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || (line.front() != '!' && line.front() != '#'))
            continue;
        line = trimmed(line.substr(1));
        if (!begins_with_word(line, "expires:"))
            continue;
        line = trimmed(line.substr(8));
        unsigned number = 0;
        const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), number);
        if (error != std::errc{} || number == 0 || number > 10'000)
            return std::nullopt;
        const auto unit = trimmed(line.substr(static_cast<std::size_t>(rest - line.data())));
        if (begins_with_word(unit, "h"))
            return std::chrono::hours{number};
        return std::chrono::hours{24} * number;
    }
    return std::nullopt;
}

bool has_shrunk_away(std::size_t rules_before, std::size_t rules)
{
    return rules_before >= few && rules < rules_before / 20;
}

} // namespace paravent::lists
