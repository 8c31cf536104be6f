#include "rules/filter.hpp"

#include "rules/domains.hpp"
#include "rules/pattern.hpp"

#include <algorithm>
#include <cstring>

namespace paravent::rules {
namespace {

/// Longer lines are no rules: the longest of EasyList has 12,000 bytes, nearly all of them domains.
constexpr std::size_t longest_line = 65'000;
constexpr std::size_t longest_pattern = 2'000;

constexpr bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

constexpr bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view s)
{
    while (!s.empty() && (is_blank(s.front()) || s.front() == '\r'))
        s.remove_prefix(1);
    while (!s.empty() && (is_blank(s.back()) || s.back() == '\r'))
        s.remove_suffix(1);
    return s;
}

LineReading skipped(std::string_view reason, std::string problem = {})
{
    return {.kind = LineReading::skipped, .names = {}, .reason = reason, .problem = std::move(problem)};
}

/// "##", "#@#", "#?#", "#$#", "#%#" …, and AdGuard's "$$": rules about a page's elements. Empty: none of them.
std::string_view about_elements(std::string_view line)
{
    for (std::size_t i = line.find('#'); i != std::string_view::npos; i = line.find('#', i + 1)) {
        const std::size_t end = line.find_first_not_of("@?$%", i + 1);
        if (end == std::string_view::npos || line[end] != '#' || end - i > 4)
            continue;
        const std::string_view body = line.substr(end + 1);
        if (line.substr(i, end - i).find('%') != std::string_view::npos || body.starts_with("+js("))
            return "scriptlet";
        return body.starts_with('^') ? "html" : "cosmetic";
    }
    const std::size_t dollars = std::min(line.find("$$"), line.find("$@$"));
    if (dollars != std::string_view::npos && line.substr(0, dollars).find_first_of("/|^*") == std::string_view::npos)
        return "html";
    return {};
}

bool is_address_word(std::string_view word)
{
    if (word.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
        return false;
    return word.find(':') != std::string_view::npos ||
           (std::ranges::count(word, '.') == 3 && word.find_first_not_of("0123456789.") == std::string_view::npos);
}

bool is_bare_domain(std::string_view line)
{
    return std::ranges::all_of(line, is_host_char) && line.find('.') != std::string_view::npos && line.front() != '.' &&
           line.front() != '-' && line.back() != '.' && line.back() != '-' && line.back() != '_';
}

/// Where the options begin (at the $), or npos. A $ inside a regular expression or a value is none.
std::size_t options_begin(std::string_view line)
{
    std::size_t end = line.size();
    while (end > 0) {
        const std::size_t dollar = line.rfind('$', end - 1);
        if (dollar == std::string_view::npos)
            return dollar;
        const char next = dollar + 1 < line.size() ? line[dollar + 1] : '\0';
        if ((is_host_char(next) && next != '.' && next != '-') || next == '~')
            return dollar;
        end = dollar;
    }
    return std::string_view::npos;
}

/// Non-ASCII letters in the host of a || pattern become A-labels, as in the requests.
bool host_to_a_labels(Filter& f)
{
    const std::size_t host_end = std::min(f.pattern.find_first_of("/^*?:|"), f.pattern.size());
    const std::string_view host = f.pattern.substr(0, host_end);
    if (std::ranges::all_of(host, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return true;
    auto normal = normal_host(host);
    if (!normal)
        return false;
    f.rewritten = *normal + std::string{f.pattern.substr(host_end)};
    f.pattern = f.rewritten;
    return true;
}

void to_lower_case(Filter& f)
{
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (std::ranges::none_of(f.pattern, upper))
        return;
    std::string lower{f.pattern};
    for (char& c : lower)
        if (upper(c))
            c = static_cast<char>(c + 32);
    f.rewritten = std::move(lower);
    f.pattern = f.rewritten;
}

/// "*", "//" or a single letter alone would stop a home's whole traffic: surely a slip. Two hosts are tried, since
/// what both of these URLs match has nothing of a host or a path in it.
bool matches_every_url(const Filter& f)
{
    constexpr std::string_view scheme = "https://";
    if (f.pattern.size() < 2)
        return true;
    if (f.host_anchored || f.end_anchored || f.pattern.size() > scheme.size() + 1)
        return false;
    const auto matches = [&](std::string_view url) {
        const std::size_t starts = f.start_anchored ? 1 : scheme.size();
        for (std::size_t at = 0; at < starts; ++at)
            if (matches_at(f.pattern, url, at, false))
                return true;
        return false;
    };
    return matches("https://0") && matches("https://z");
}

LineReading read_pattern(std::string_view pattern, Filter& out)
{
    if (pattern.size() > 2 && pattern.front() == '/' && pattern.back() == '/') {
        out.regex = true;
        out.pattern = pattern.substr(1, pattern.size() - 2);
        return {.kind = LineReading::filter, .names = {}, .reason = {}, .problem = {}};
    }
    if (pattern.starts_with("||")) {
        out.host_anchored = true;
        pattern.remove_prefix(2);
    } else if (pattern.starts_with('|')) {
        out.start_anchored = true;
        pattern.remove_prefix(1);
    }
    if (pattern.ends_with('|')) {
        out.end_anchored = true;
        pattern.remove_suffix(1);
    }
    // A wildcard at either end takes the anchor's meaning away.
    while (pattern.starts_with('*')) {
        out.host_anchored = out.start_anchored = false;
        pattern.remove_prefix(1);
    }
    while (pattern.ends_with('*')) {
        out.end_anchored = false;
        pattern.remove_suffix(1);
    }
    if (std::ranges::any_of(pattern, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
        return skipped("blanks or binary", "a rule has no blanks or control characters");
    out.pattern = pattern;
    if (out.host_anchored && !host_to_a_labels(out))
        return skipped("bad host", "the name behind || is no valid host");
    if (!out.match_case)
        to_lower_case(out);
    if (out.domains.empty() && out.types == 0 && out.party == Party::any && out.to.empty() && matches_every_url(out))
        return skipped("too general", "the pattern would match nearly every request");

    std::string_view host = out.pattern;
    if (host.ends_with('^'))
        host.remove_suffix(1);
    out.whole_host = out.host_anchored && !out.end_anchored && !host.empty() &&
                     std::ranges::all_of(host, [](char c) { return is_host_char(c) || c == '*'; });
    return {.kind = LineReading::filter, .names = {}, .reason = {}, .problem = {}};
}

} // namespace

std::string_view next_name(std::string_view& names) noexcept
{
    while (!names.empty() && is_blank(names.front()))
        names.remove_prefix(1);
    const std::size_t end = std::min(names.find_first_of(" \t"), names.size());
    const std::string_view name = names.substr(0, end);
    names.remove_prefix(end);
    return name;
}

LineReading read_line(std::string_view line, bool own, Filter& out)
{
    line = trimmed(line);
    if (line.empty() || line.front() == '!' || (line.front() == '[' && line.back() == ']'))
        return {};
    if (line.size() > longest_line)
        return skipped("too long", "the line is longer than 65,000 bytes");
    if (line.find('#') != std::string_view::npos || line.find('$') != std::string_view::npos)
        if (const auto reason = about_elements(line); !reason.empty())
            return skipped(reason);
    if (line.front() == '#')
        return {};

    std::string_view words = line;
    const std::string_view first = next_name(words);
    const bool address = !words.empty() && is_address_word(first);
    if (address || (!words.empty() && trimmed(words).starts_with('#'))) {
        if (!address)
            words = line;
        words = words.substr(0, words.find('#'));
        return {.kind = LineReading::hosts, .names = words, .reason = {}, .problem = {}};
    }
    if (is_bare_domain(line))
        return {.kind = LineReading::hosts, .names = line, .reason = {}, .problem = {}};

    std::string kept = std::move(out.rewritten); // its memory is used again
    out = Filter{};
    out.rewritten = std::move(kept);
    out.text = line;
    out.types = 0; // until the options name some
    std::string_view rest = line;
    if (rest.starts_with("@@")) {
        out.exception = true;
        rest.remove_prefix(2);
    }
    if (const bool bare_regex = rest.size() > 2 && rest.front() == '/' && rest.back() == '/'; !bare_regex) {
        if (const std::size_t dollar = options_begin(rest); dollar != std::string_view::npos) {
            auto reading = read_options(rest.substr(dollar + 1), own, out);
            if (reading.kind != LineReading::filter)
                return reading;
            rest = rest.substr(0, dollar);
        }
    }
    if (rest.size() > longest_pattern)
        return skipped("too long", "the pattern is longer than 2,000 bytes");
    auto reading = read_pattern(rest, out);
    // Without any named: all but a page itself, which only rules for whole hosts (as DNS blockers have them) and our
    // own stop. A rule that asks which page a request comes from is about what pages load: it does not stop somebody
    // who follows a link to that host.
    if (out.types == 0) {
        const bool about_loads = !out.exception && (out.party != Party::any || !out.domains.empty());
        out.types = (out.whole_host && !about_loads) || own
                        ? all_types
                        : static_cast<TypeMask>(all_types & ~mask_of(Type::document));
    }
    return reading;
}

} // namespace paravent::rules
