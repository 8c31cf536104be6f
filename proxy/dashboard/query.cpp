#include "proxy/dashboard/query.hpp"

#include "proxy/dashboard/time.hpp"
#include "rules/domains.hpp"

#include <algorithm>
#include <charconv>

namespace paravent::dashboard {
namespace {

int hex(char c) noexcept
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

Problem bad(std::string_view parameter, std::string_view value, std::string_view way_out)
{
    return {400, std::string(parameter) + ": \"" + std::string(value.substr(0, 100)) + "\" " + std::string(way_out)};
}

std::string joined(std::initializer_list<std::string_view> words)
{
    std::string text;
    for (const auto word : words)
        text += (text.empty() ? "" : ", ") + std::string(word);
    return text;
}

std::optional<std::int64_t> number(std::string_view text) noexcept
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<rules::Action> action_named(std::string_view name) noexcept
{
    for (const auto action : {rules::Action::allow, rules::Action::log, rules::Action::block, rules::Action::answer})
        if (rules::name_of(action) == name)
            return action;
    return {};
}

bool has_form_of_id(std::string_view text) noexcept
{
    return text.size() >= 4 && text.size() <= 16 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

} // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0)
                return {};
            out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            out += plus && text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

result<Query> Query::parse(std::string_view text, std::initializer_list<std::string_view> known)
{
    Query query;
    while (!text.empty()) {
        const auto pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        if (pair.empty())
            continue;
        const auto equals = std::min(pair.find('='), pair.size());
        const auto name = percent_decoded(pair.substr(0, equals), true);
        const auto value = percent_decoded(pair.substr(std::min(pair.size(), equals + 1)), true);
        if (!name || !value)
            return Problem{400, "the query is badly percent-encoded: \"%\" is followed by two hex digits"};
        if (std::find(known.begin(), known.end(), *name) == known.end())
            return bad("query", *name,
                       known.size() == 0 ? "is no parameter: there are none here"
                                         : "is no parameter here: " + joined(known));
        if (std::any_of(query.values_.begin(), query.values_.end(), [&](const auto& v) { return v.first == *name; }))
            return Problem{400, *name + ": given twice"};
        query.values_.emplace_back(*name, *value);
    }
    return query;
}

std::string_view Query::operator[](std::string_view name) const noexcept
{
    for (const auto& [key, value] : values_)
        if (key == name)
            return value;
    return {};
}

bool Query::has(std::string_view name) const noexcept
{
    return std::ranges::any_of(values_, [&](const auto& value) { return value.first == name; });
}

result<std::optional<std::int64_t>> Query::time(std::string_view name) const
{
    const auto text = (*this)[name];
    if (text.empty())
        return std::optional<std::int64_t>{};
    const auto time = parse_time(text);
    if (!time)
        return bad(name, text, "is no time: 2026-11-24T09:00:00Z, or seconds since 1970");
    return time;
}

result<std::string> device_id(const policy::Policy& policy, std::string_view text)
{
    if (text.empty())
        return std::string{};
    try {
        return policy.known(text).id;
    } catch (const policy::PolicyError& error) {
        if (has_form_of_id(text)) // of a device that was forgotten, or taken the place of
            return std::string(text);
        return Problem{400, std::string("device: ") + error.what()};
    }
}

result<statistics::EventQuery> event_query(const Query& query, const policy::Policy& policy)
{
    statistics::EventQuery out;
    const auto device = device_id(policy, query["device"]);
    if (!device)
        return device.error();
    out.device = *device;
    if (const auto site = query["site"]; !site.empty()) {
        const auto host = rules::normal_host(site);
        if (!host)
            return bad("site", site, "is no host name");
        out.site = *host;
    }
    if (const auto name = query["product"]; !name.empty()) {
        out.product = activity::product_named(name);
        if (!out.product)
            return bad("product", name,
                       "is none of pixel, loader, conversions, app_events, audience_network, social_plugin, login, "
                       "logging, other");
    }
    if (const auto name = query["verdict"]; !name.empty()) {
        out.verdict = action_named(name);
        if (!out.verdict)
            return bad("verdict", name, "is none of allow, log, block, answer");
    }
    const auto from = query.time("from"), to = query.time("to");
    if (!from || !to)
        return from ? to.error() : from.error();
    out.from_ms = *from;
    out.to_ms = *to;
    out.text = query["q"];
    if (const auto text = query["limit"]; !text.empty()) {
        const auto limit = number(text);
        if (!limit || *limit < 1 || *limit > 1000)
            return bad("limit", text, "is no number from 1 to 1000");
        out.limit = static_cast<unsigned>(*limit);
    }
    if (const auto text = query["cursor"]; !text.empty()) {
        out.before = number(text);
        if (!out.before || *out.before < 1)
            return bad("cursor", text, "is none: take the value of \"next\" from the answer before");
    }
    return out;
}

result<statistics::StatsQuery> stats_query(const Query& query)
{
    statistics::StatsQuery out;
    const auto from = query.time("from"), to = query.time("to");
    if (!from || !to)
        return from ? to.error() : from.error();
    out.from_ms = *from;
    out.to_ms = *to;
    if (const auto name = query["by"]; !name.empty()) {
        const auto by = statistics::by_named(name);
        if (!by)
            return bad("by", name, "is none of hour, day, device, site, product, verdict, rule");
        out.by = *by;
    }
    return out;
}

} // namespace paravent::dashboard
