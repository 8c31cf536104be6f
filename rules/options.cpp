#include "rules/option_names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace paravent::rules {
namespace {

constexpr std::array<std::string_view, 9> methods = {"get",     "post",  "head",    "put",  "delete",
                                                     "options", "patch", "connect", "trace"};

bool same_letters(std::string_view text, std::string_view lower) noexcept
{
    return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

LineReading skipped(std::string_view reason, std::string problem = {})
{
    return {.kind = LineReading::skipped, .names = {}, .reason = reason, .problem = std::move(problem)};
}

/// get|post or ~get|~head.
std::optional<MethodMask> read_methods(std::string_view values)
{
    MethodMask named = 0;
    MethodMask excluded = 0;
    while (!values.empty()) {
        const auto [value, negated] = next_value(values);
        const MethodMask mask = mask_of_method(value);
        if (mask == mask_of_method("")) // a method that nothing is known of
            return std::nullopt;
        (negated ? excluded : named) |= mask;
    }
    if (named == 0 && excluded == 0)
        return std::nullopt;
    return static_cast<MethodMask>((named != 0 ? named : all_methods) & ~excluded);
}

/// Where the option that begins at `options` ends; a backslash takes a comma's meaning.
std::size_t option_end(std::string_view options) noexcept
{
    std::size_t end = options.find(',');
    while (end != std::string_view::npos && end > 0 && options[end - 1] == '\\')
        end = options.find(',', end + 1);
    return std::min(end, options.size());
}

bool has_regex_value(std::string_view values) noexcept
{
    while (!values.empty())
        if (next_value(values).value.starts_with('/'))
            return true;
    return false;
}

} // namespace

MethodMask mask_of_method(std::string_view method) noexcept
{
    const auto* const found =
        std::find_if(methods.begin(), methods.end(), [&](std::string_view name) { return same_letters(method, name); });
    return static_cast<MethodMask>(1U << static_cast<unsigned>(found - methods.begin()));
}

ListedValue next_value(std::string_view& values) noexcept
{
    const std::size_t bar = values.find('|');
    std::string_view value = values.substr(0, bar);
    values.remove_prefix(bar == std::string_view::npos ? values.size() : bar + 1);
    const bool negated = value.starts_with('~');
    if (negated)
        value.remove_prefix(1);
    return {value, negated};
}

LineReading read_options(std::string_view options, bool own, Filter& out)
{
    TypeMask excluded = 0;
    bool popup = false;
    bool every_type = false;
    std::string_view about_pages;
    std::string_view modifier;

    while (!options.empty()) {
        const std::size_t end = option_end(options);
        std::string_view option = options.substr(0, end);
        options.remove_prefix(std::min(end + 1, options.size()));

        const std::size_t equals = option.find('=');
        std::string_view name = option.substr(0, equals);
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view{} : option.substr(equals + 1);
        const bool negated = name.starts_with('~');
        if (negated)
            name.remove_prefix(1);
        const KnownOption* const known = find_option(name);
        if (known == nullptr || (known->option == Option::not_intercepted && !own))
            return skipped("unknown option", "the option \"" + std::string{name.substr(0, 60)} + "\" is not known");

        const bool wants_value = known->option == Option::domain || known->option == Option::to ||
                                 known->option == Option::denyallow || known->option == Option::method ||
                                 (known->option == Option::redirect && !out.exception);
        if (wants_value && (value.empty() || negated))
            return skipped("bad value", "the option \"" + std::string{name} + "\" needs a value");

        switch (known->option) {
        case Option::type:
            (negated ? excluded : out.types) |= known->types;
            break;
        case Option::all:
            every_type = true;
            break;
        case Option::third:
            out.party = negated ? Party::first : Party::third;
            break;
        case Option::first:
            out.party = negated ? Party::third : Party::first;
            break;
        case Option::strict_third:
            out.party = negated ? Party::strict_first : Party::strict_third;
            break;
        case Option::strict_first:
            out.party = negated ? Party::strict_third : Party::strict_first;
            break;
        case Option::domain:
            if (has_regex_value(value))
                return skipped("regex in domain", "a regular expression in domain= is not supported");
            out.domains = value;
            break;
        case Option::to:
            if (has_regex_value(value))
                return skipped("regex in domain", "a regular expression in to= is not supported");
            out.to = value;
            break;
        case Option::denyallow:
            out.denyallow = value;
            break;
        case Option::important:
            out.important = true;
            break;
        case Option::badfilter:
            out.badfilter = true;
            break;
        case Option::match_case:
            out.match_case = !negated;
            break;
        case Option::method:
            if (const auto mask = read_methods(value))
                out.methods = *mask;
            else
                return skipped("bad value", "method= names no method that is known");
            break;
        case Option::redirect:
            if (out.exception)
                return skipped("modifier"); // takes a redirect back, not a rule
            // A priority behind a colon orders redirects among each other; there is only one here.
            out.redirect =
                value.substr(0, value.rfind(':') == std::string_view::npos || value.starts_with("abp-resource:")
                                    ? std::string_view::npos
                                    : value.rfind(':'));
            break;
        case Option::empty:
            out.redirect = "empty";
            break;
        case Option::mp4:
            out.redirect = "noopmp4-1s";
            out.types |= mask_of(Type::media);
            break;
        case Option::popup:
            popup = !negated;
            break;
        case Option::not_intercepted:
            out.not_intercepted = true;
            break;
        case Option::nothing:
            break;
        case Option::page:
            about_pages = known->name;
            break;
        case Option::modifier:
            modifier = known->name;
            break;
        case Option::reply:
            return skipped("reply option");
        case Option::address:
            return skipped("address option");
        case Option::device:
            return skipped("device option", "the option \"" + std::string{name} +
                                                "\" names devices or apps, which are told apart by profiles here");
        case Option::dns:
            return skipped("dns option");
        }
    }

    if (!modifier.empty())
        return skipped("modifier");
    if (every_type)
        out.types = all_types;
    if (out.types == 0 && popup)
        return skipped("popup");
    if (out.types == 0 && !about_pages.empty())
        return skipped("page option");
    if (excluded != 0)
        out.types =
            static_cast<TypeMask>((out.types != 0 ? out.types : all_types & ~mask_of(Type::document)) & ~excluded);
    if (excluded != 0 && out.types == 0)
        return skipped("bad value", "the options leave no resource type");
    return {.kind = LineReading::filter, .names = {}, .reason = {}, .problem = {}};
}

} // namespace paravent::rules
