#include "config/section.hpp"

namespace paravent::config {

namespace {

/// Entries are compared with one another, so a list must not be endless.
constexpr std::size_t most_items = 1'000;

std::string_view kind_of(const toml::node& node)
{
    switch (node.type()) {
    case toml::node_type::table:
        return "a section";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::string:
        return "a text";
    case toml::node_type::integer:
        return "a whole number";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time:
        return "a date or time";
    case toml::node_type::none:
        break;
    }
    return "nothing";
}

std::string instead_of(const toml::node& node, std::string_view wanted)
{
    return "is " + std::string(wanted) + ", but this is " + std::string(kind_of(node));
}

/// The largest unit that shows the duration without a fraction.
std::string written(Duration duration)
{
    const auto count = duration.count();
    if (count == 0)
        return "0s";
    if (count % 86'400'000 == 0)
        return std::to_string(count / 86'400'000) + "d";
    if (count % 3'600'000 == 0)
        return std::to_string(count / 3'600'000) + "h";
    if (count % 60'000 == 0)
        return std::to_string(count / 60'000) + "min";
    if (count % 1'000 == 0)
        return std::to_string(count / 1'000) + "s";
    return "0." + std::to_string(count / 100) + "s"; // bounds below a second are tenths
}

} // namespace

Place place_of(const toml::node& node)
{
    const auto& begin = node.source().begin;
    return {std::max<std::uint32_t>(begin.line, 1), std::max<std::uint32_t>(begin.column, 1)};
}

Section::Section(std::string name, const toml::table* table, Report& report)
    : name_(std::move(name)), table_(table), report_(report)
{
}

const toml::node* Section::find(std::string_view key)
{
    asked_.emplace(key);
    report_.know(name_, key);
    return table_ == nullptr ? nullptr : table_->get(key);
}

bool Section::has(std::string_view key) const
{
    return table_ != nullptr && table_->contains(key);
}

bool Section::is_empty(std::string_view key) const
{
    const auto* node = table_ == nullptr ? nullptr : table_->get(key);
    return node != nullptr && node->is_array() && node->as_array()->empty();
}

Place Section::place(std::string_view key) const
{
    if (table_ == nullptr)
        return {};
    const auto* node = table_->get(key);
    return place_of(node == nullptr ? *table_ : *node);
}

void Section::complain(std::string_view key, std::string sentence)
{
    report_.add(place(key), name_ + '.' + std::string(key), std::move(sentence));
}

void Section::complain(std::string_view key, const toml::node& node, std::string sentence)
{
    report_.add(place_of(node), name_ + '.' + std::string(key), std::move(sentence));
}

std::optional<std::string> Section::text_in(std::string_view key, const toml::node& node)
{
    const auto* value = node.as_string();
    if (value == nullptr) {
        complain(key, node, instead_of(node, "a text in quotes"));
        return std::nullopt;
    }
    const std::string& text = value->get();
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
        complain(key, node, in_quotes(text) + " holds a control character; leave it out");
        return std::nullopt;
    }
    return text;
}

std::optional<std::string> Section::text(std::string_view key)
{
    const auto* node = find(key);
    return node == nullptr ? std::nullopt : text_in(key, *node);
}

std::optional<std::uint64_t> Section::number_in(std::string_view key, const toml::node& node, std::uint64_t least,
                                                std::uint64_t most)
{
    const std::string range = std::to_string(least) + " to " + std::to_string(most);
    const auto* value = node.as_integer();
    if (value == nullptr) {
        complain(key, node, instead_of(node, "a whole number from " + range));
        return std::nullopt;
    }
    const std::int64_t number = value->get();
    if (number < 0 || static_cast<std::uint64_t>(number) < least || static_cast<std::uint64_t>(number) > most) {
        complain(key, node, std::to_string(number) + " is out of range (" + range + ")");
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(number);
}

std::optional<std::vector<const toml::node*>> Section::items(std::string_view key)
{
    const auto* node = find(key);
    if (node == nullptr)
        return std::nullopt;
    std::vector<const toml::node*> out;
    if (node->is_array() && node->as_array()->size() > most_items) {
        complain(key, *node, "has more than " + std::to_string(most_items) + " entries; leave some out");
        return std::nullopt;
    }
    if (const auto* array = node->as_array())
        for (const auto& item : *array)
            out.push_back(&item);
    else
        out.push_back(node);
    return out;
}

void Section::flag(std::string_view key, bool& out)
{
    std::optional<bool> read;
    flag(key, read);
    out = read.value_or(out);
}

void Section::flag(std::string_view key, std::optional<bool>& out)
{
    const auto* node = find(key);
    if (node == nullptr)
        return;
    if (const auto* value = node->as_boolean())
        out = value->get();
    else
        complain(key, *node, instead_of(*node, "true or false (without quotes)"));
}

void Section::duration(std::string_view key, Duration& out, Duration least, Duration most)
{
    const auto* node = find(key);
    if (node == nullptr)
        return;
    if (!node->is_string()) {
        complain(key, *node, instead_of(*node, "a duration in quotes, like " + in_quotes(written(out))));
        return;
    }
    const auto value = text_in(key, *node);
    if (!value)
        return;
    const auto read = parse_duration(*value);
    if (!read)
        complain(key, *node,
                 in_quotes(*value) + " is no duration (a number and s, min, h or d, like " + in_quotes(written(out)) +
                     ")");
    else if (*read < least || *read > most)
        complain(key, *node, in_quotes(*value) + " is out of range (" + written(least) + " to " + written(most) + ")");
    else
        out = *read;
}

void Section::ports(std::string_view key, std::vector<std::uint16_t>& out)
{
    const auto nodes = items(key);
    if (!nodes)
        return;
    out.clear();
    for (const auto* node : *nodes) {
        const auto read = number_in(key, *node, 1, std::numeric_limits<std::uint16_t>::max());
        if (!read)
            continue;
        const auto port = static_cast<std::uint16_t>(*read);
        if (std::ranges::find(out, port) != out.end())
            complain(key, *node, std::to_string(port) + " is written twice; leave one out");
        else
            out.push_back(port);
    }
}

void Section::path(std::string_view key, std::string& out, const std::filesystem::path& folder)
{
    const auto value = text(key);
    if (!value)
        return;
    if (value->starts_with('~'))
        complain(key, "~ is not expanded here; write the whole path, or one relative to this file's folder");
    else
        out = value->empty() ? *value : (folder / *value).lexically_normal().string();
}

void Section::finish()
{
    if (table_ == nullptr)
        return;
    for (const auto& [key, node] : *table_)
        if (!asked_.contains(key.str()))
            report_.unknown({key.source().begin.line, key.source().begin.column}, name_, key.str());
}

} // namespace paravent::config
