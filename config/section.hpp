#pragma once

#include "config/report.hpp"
#include "config/settings.hpp"

#include <algorithm>
#include <concepts>
#include <functional>
#include <limits>
#include <toml++/toml.h>

namespace paravent::config {

Place place_of(const toml::node& node);

/// One table of the file, read key by key. Each call names a key, leaves `out` alone where the key is missing, and
/// reports what is wrong with its value; what was never named is unknown.
class Section {
public:
    /// `name` as in messages: "proxy", "device". `table` null: the section is not in the file.
    Section(std::string name, const toml::table* table, Report& report);

    void flag(std::string_view key, bool& out);
    void flag(std::string_view key, std::optional<bool>& out);
    void duration(std::string_view key, Duration& out, Duration least, Duration most);

    template <std::unsigned_integral Number>
    void number(std::string_view key, Number& out, std::uint64_t least, std::uint64_t most)
    {
        if (const auto* node = find(key))
            if (const auto value = number_in(key, *node, least, most))
                out = static_cast<Number>(*value);
    }

    /// A text that `parse` turns into an optional value; where it cannot, the sentence is `"text" FAULT`.
    template <class Out, class Parse>
    void word(std::string_view key, Out& out, const Parse& parse, std::string_view fault)
    {
        if (const auto value = text(key)) {
            if (auto parsed = parse(*value); parsed.has_value())
                out = *std::move(parsed);
            else
                complain(key, in_quotes(*value) + ' ' + std::string(fault));
        }
    }

    /// A list of texts (or a lone one). `fault_of(text)` is the sentence for one that `parse` refuses.
    template <class Item, class Parse>
    void list(std::string_view key, std::vector<Item>& out, const Parse& parse,
              const std::function<std::string(std::string_view)>& fault_of)
    {
        const auto nodes = items(key);
        if (!nodes)
            return;
        out.clear();
        for (const auto* node : *nodes) {
            const auto value = text_in(key, *node);
            if (!value)
                continue;
            auto item = parse(*value);
            if (!item)
                complain(key, *node, in_quotes(*value) + ' ' + fault_of(*value));
            else if (std::ranges::find(out, *item) != out.end())
                complain(key, *node, in_quotes(*value) + " is written twice; leave one out");
            else
                out.push_back(std::move(*item));
        }
    }

    void ports(std::string_view key, std::vector<std::uint16_t>& out);
    /// A path; a relative one is taken from `folder`. "" is none.
    void path(std::string_view key, std::string& out, const std::filesystem::path& folder);

    /// A text without control bytes.
    std::optional<std::string> text(std::string_view key);
    bool has(std::string_view key) const;
    /// The key is there, as a list of nothing.
    bool is_empty(std::string_view key) const;
    /// Where the key's value is, else the section itself.
    Place place(std::string_view key) const;
    void complain(std::string_view key, std::string sentence);
    void complain(std::string_view key, const toml::node& node, std::string sentence);
    /// Reports the keys that nobody asked for.
    void finish();

private:
    const toml::node* find(std::string_view key);
    std::optional<std::string> text_in(std::string_view key, const toml::node& node);
    std::optional<std::uint64_t> number_in(std::string_view key, const toml::node& node, std::uint64_t least,
                                           std::uint64_t most);
    std::optional<std::vector<const toml::node*>> items(std::string_view key);

    std::string name_;
    const toml::table* table_;
    Report& report_;
    std::set<std::string, std::less<>> asked_;
};

} // namespace paravent::config
