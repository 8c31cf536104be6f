#include "rules/request.hpp"

#include <algorithm>

namespace paravent::rules {
namespace {

constexpr std::array<std::string_view, category_count> category_names = {
    "pixel-event",   "pixel-loader", "conversions", "app-events", "audience-network",
    "social-plugin", "meta-logging", "login",       "meta-ai",    "other",
};

constexpr std::array<std::string_view, 4> action_names = {"allow", "log", "block", "answer"};

constexpr std::array<std::string_view, 12> type_names = {
    "other", "document", "subdocument", "stylesheet",     "script", "image",
    "font",  "media",    "object",      "xmlhttprequest", "ping",   "websocket",
};

template <std::size_t n>
std::size_t index_in(const std::array<std::string_view, n>& names, std::string_view name) noexcept
{
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

} // namespace

std::string_view name_of(Category category) noexcept
{
    return category_names[static_cast<std::size_t>(category)];
}

Category category_named(std::string_view name) noexcept
{
    const std::size_t i = index_in(category_names, name);
    return i < category_count ? static_cast<Category>(i) : Category::other;
}

std::string_view name_of(Action action) noexcept
{
    return action_names[static_cast<std::size_t>(action)];
}

std::string_view name_of(Type type) noexcept
{
    return type_names[static_cast<std::size_t>(type)];
}

Type type_named(std::string_view name) noexcept
{
    if (const std::size_t i = index_in(type_names, name); i < type_names.size())
        return static_cast<Type>(i);
    if (name == "xhr" || name == "fetch")
        return Type::xmlhttprequest;
    if (name == "beacon")
        return Type::ping;
    if (name == "frame" || name == "iframe")
        return Type::subdocument;
    if (name == "style" || name == "css")
        return Type::stylesheet;
    return Type::other;
}

Rulings Rulings::all(Action action) noexcept
{
    Rulings rulings;
    rulings.ruling.fill(action);
    rulings.when_not_intercepted.fill(action);
    return rulings;
}

} // namespace paravent::rules
