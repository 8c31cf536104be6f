#include "proxy/dashboard/checklist_file.hpp"

#include "proxy/activity/text.hpp"
#include "proxy/files/file.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace paravent::dashboard {

std::string_view links_text() noexcept; // made from links.json

namespace {

namespace json = boost::json;

constexpr std::size_t largest = 1024 * 1024;

Steps parse_steps()
{
    const auto value = json::parse(links_text());
    Steps out;
    out.checked = value.at("checked").as_string();
    for (const auto& one : value.at("items").as_array()) {
        Step step{std::string(one.at("id").as_string()), std::string(one.at("url").as_string()), {}};
        if (const auto* due = one.as_object().if_contains("due"))
            for (const auto& [what, days] : due->as_object())
                step.due.push_back({std::string(what), days.to_number<int>()});
        out.steps.push_back(std::move(step));
    }
    return out;
}

} // namespace

const Steps& steps()
{
    static const Steps all = parse_steps();
    return all;
}

std::optional<std::int64_t> parse_day(std::string_view text) noexcept
{
    constexpr std::string_view shape = "0000-00-00";
    if (text.size() != shape.size())
        return {};
    int numbers[3] = {};
    for (std::size_t i = 0, which = 0; i < text.size(); ++i) {
        if (shape[i] == '-') {
            if (text[i] != '-')
                return {};
            ++which;
        } else if (text[i] < '0' || text[i] > '9') {
            return {};
        } else {
            numbers[which] = numbers[which] * 10 + (text[i] - '0');
        }
    }
    const std::chrono::year_month_day day{std::chrono::year{numbers[0]},
                                          std::chrono::month{static_cast<unsigned>(numbers[1])},
                                          std::chrono::day{static_cast<unsigned>(numbers[2])}};
    if (!day.ok() || numbers[0] < 1970)
        return {};
    return std::chrono::sys_days{day}.time_since_epoch().count();
}

std::string day_text(std::int64_t days)
{
    const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{days}}};
    char out[32];
    std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                  static_cast<unsigned>(day.day()));
    return out;
}

Ticks parse_ticks(std::string_view text)
{
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 8;
    const auto value = json::parse(text, error, {}, options);
    const auto* root = error ? nullptr : value.if_object();
    const auto* format = root != nullptr ? root->if_contains("format") : nullptr;
    const auto* people = root != nullptr ? root->if_contains("people") : nullptr;
    if (format == nullptr || *format != 1 || people == nullptr || !people->is_object() ||
        people->get_object().size() > most_people)
        throw ChecklistError("it is not in order");
    Ticks ticks;
    for (const auto& [person, done] : people->get_object()) {
        if (!done.is_object())
            throw ChecklistError("it is not in order");
        for (const auto& [id, day] : done.get_object())
            if (day.is_string() && parse_day(day.get_string()) &&
                std::ranges::find(steps().steps, std::string_view(id), &Step::id) != steps().steps.end())
                ticks[std::string(activity::trimmed(person))][id] = day.get_string();
    }
    return ticks;
}

std::string text_of(const Ticks& ticks)
{
    json::object people;
    for (const auto& [person, done] : ticks) {
        json::object days;
        for (const auto& [id, day] : done)
            days[id] = day;
        people[person] = std::move(days);
    }
    return json::serialize(json::object{{"format", 1}, {"people", std::move(people)}}) + "\n";
}

Ticks read_ticks(const std::filesystem::path& state_directory)
{
    const auto path = state_directory / "checklist.json";
    const auto content = files::read_file(path, largest);
    if (!content && content.error() == boost::system::errc::no_such_file_or_directory)
        return {};
    try {
        if (!content)
            throw ChecklistError(content.error().message());
        return parse_ticks(content->text);
    } catch (const ChecklistError& error) {
        throw ChecklistError(path.string() + " cannot be used (" + error.what() +
                             "): mend it or move it away, and the list begins anew");
    }
}

void write_ticks(const std::filesystem::path& state_directory, const Ticks& ticks)
{
    const auto path = state_directory / "checklist.json";
    if (const auto error = files::write_whole(path, text_of(ticks)))
        throw ChecklistError(path.string() + " cannot be written: " + error.message());
}

} // namespace paravent::dashboard
