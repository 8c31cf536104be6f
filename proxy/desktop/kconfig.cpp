#include "proxy/desktop/kconfig.hpp"

#include <vector>

namespace paravent::desktop {
namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view file)
{
    std::vector<std::string_view> lines;
    while (!file.empty()) {
        const auto end = file.find('\n');
        const auto size = end == std::string_view::npos ? file.size() : end + 1;
        lines.push_back(file.substr(0, size));
        file.remove_prefix(size);
    }
    return lines;
}

bool is_head(std::string_view line)
{
    return trimmed(line).starts_with('[');
}

bool is_head_of(std::string_view line, std::string_view group)
{
    const auto text = trimmed(line);
    return text.size() == group.size() + 2 && text.front() == '[' && text.back() == ']' &&
           text.substr(1, group.size()) == group;
}

/// Empty for a line that sets nothing.
std::string_view key_of(std::string_view line)
{
    const auto text = trimmed(line);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || text.starts_with('#'))
        return {};
    return trimmed(text.substr(0, equals));
}

std::string line_of(std::string_view key, std::string_view value)
{
    return std::string(key) + "=" + std::string(value) + "\n";
}

/// Of the group's lines from its head on: what becomes of them.
std::string changed(const std::vector<std::string_view>& lines, KeysOfGroup keys)
{
    std::string out, blank;
    bool any = false;
    const auto put = [&](std::string_view line) {
        out += blank;
        blank.clear();
        out += line;
        if (!line.ends_with('\n'))
            out += '\n';
    };
    put(lines.front());
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (trimmed(lines[i]).empty()) { // new keys go before the blank lines at the group's end
            blank += lines[i];
            continue;
        }
        const auto found = keys.find(key_of(lines[i]));
        if (found == keys.end()) {
            put(lines[i]);
            any = true;
        } else if (found->second) {
            put(line_of(found->first, *found->second));
            any = true;
            found->second.reset(); // a second line of that key goes
        }
    }
    std::string more;
    for (const auto& [key, value] : keys)
        if (value)
            more += line_of(key, *value);
    return any || !more.empty() ? out + more + blank : std::string{};
}

} // namespace

KeysOfGroup read_group(std::string_view file, std::string_view group)
{
    KeysOfGroup found;
    bool inside = false;
    for (const auto line : lines_of(file)) {
        if (is_head(line))
            inside = is_head_of(line, group);
        else if (const auto key = key_of(line); inside && !key.empty())
            found.insert_or_assign(std::string(key), std::string(trimmed(line.substr(line.find('=') + 1))));
    }
    return found;
}

std::string with_group(std::string_view file, std::string_view group, const KeysOfGroup& keys)
{
    const auto lines = lines_of(file);
    std::string out;
    bool done = false;
    for (std::size_t i = 0; i < lines.size();) {
        std::vector<std::string_view> section{lines[i++]};
        const bool wanted = is_head_of(section.front(), group);
        while (i < lines.size() && !is_head(lines[i]))
            section.push_back(lines[i++]);
        if (wanted) {
            // A group that is there twice is one to KConfig: the keys go into the first, and out of the others.
            KeysOfGroup none;
            for (const auto& [key, value] : keys)
                none.emplace(key, std::nullopt);
            out += changed(section, done ? none : keys);
            done = true;
        } else {
            for (const auto line : section)
                out += line;
        }
    }
    bool any = false;
    for (const auto& [key, value] : keys)
        any = any || value.has_value();
    if (done || !any)
        return out;
    if (!out.empty() && !out.ends_with('\n'))
        out += '\n';
    // No blank line before it, which nobody would take out again.
    const auto head = "[" + std::string(group) + "]";
    return out + changed({head}, keys);
}

} // namespace paravent::desktop
