#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// More rules than there are, as lists really grow: other names and other words of the same shape, in the same forms
/// and with the same options, while the words that many rules share ("ads", "banner", "track") are shared by more.
class GrownLists {
public:
    explicit GrownLists(const std::vector<std::string_view>& lists) : lists_(lists)
    {
        for (const std::string_view list : lists)
            for_each_line(list, [&](std::string_view line) {
                for_each_word(line, [&](std::size_t, std::string_view word) { ++rules_with_[std::string{word}]; });
            });
    }

    /// The lists once more; each `number` gives other rules.
    std::string copy(unsigned number) const
    {
        std::string out;
        for (const std::string_view list : lists_)
            for_each_line(list, [&](std::string_view line) { add_changed(line, number, out); });
        return out;
    }

private:
    static constexpr std::size_t shared = 50; ///< a word of so many rules stays

    template <typename With>
    static void for_each_line(std::string_view text, With with)
    {
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(line.size() + 1, text.size()));
            if (!line.empty() && line.front() != '!' && line.find('#') == std::string_view::npos)
                with(line);
        }
    }

    /// The words of the pattern that may be changed; not what stands behind the $, nor a name's last label.
    template <typename With>
    static void for_each_word(std::string_view line, With with)
    {
        const std::size_t end = std::min(line.rfind('$'), line.size());
        const std::size_t host_end = line.starts_with("||") ? std::min(line.find_first_of("/^*", 2), end) : 0;
        const std::size_t last_dot = host_end == 0 ? 0 : line.rfind('.', host_end);
        for (std::size_t at = 0; at < end;) {
            std::size_t n = 0;
            while (at + n < end &&
                   ((line[at + n] >= 'a' && line[at + n] <= 'z') || (line[at + n] >= '0' && line[at + n] <= '9')))
                ++n;
            const bool last_label = host_end != 0 && at == last_dot + 1;
            if (n >= 3 && !last_label)
                with(at, line.substr(at, n));
            at += std::max<std::size_t>(n, 1);
        }
    }

    void add_changed(std::string_view line, unsigned number, std::string& out) const
    {
        std::vector<std::pair<std::size_t, std::size_t>> places; // where, length
        std::pair<std::size_t, std::size_t> longest{0, 0};
        for_each_word(line, [&](std::size_t at, std::string_view word) {
            if (rules_with_.at(std::string{word}) < shared)
                places.emplace_back(at, word.size());
            if (word.size() > longest.second)
                longest = {at, word.size()};
        });
        if (places.empty())
            places.push_back(longest);
        std::string changed{line};
        for (const auto& [at, size] : places)
            for (std::size_t i = 0; i < size; i += 2 + at % 2) {
                char& c = changed[at + i];
                if (c >= 'a' && c <= 'z')
                    c = static_cast<char>('a' + (static_cast<unsigned>(c - 'a') + number * 7 + i) % 26);
                else
                    c = static_cast<char>('0' + (static_cast<unsigned>(c - '0') + number) % 10);
            }
        out += changed;
        out += '\n';
    }

    std::vector<std::string_view> lists_;
    std::unordered_map<std::string, std::size_t> rules_with_;
};
