#include "proxy/cli/words.hpp"

#include "proxy/cli/place.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

namespace paravent::cli {

config::Duration duration_of(std::string_view option, std::string_view text)
{
    if (const auto duration = config::parse_duration(text))
        return *duration;
    throw Failure(wrong_usage, std::string(option) + ": \"" + dashboard::inert(text.substr(0, 40)) +
                                   "\" is no duration (a number and s, m, h or d, as in 10m or 7d, up to ten years)");
}

std::string time_since(std::string_view option, std::string_view text)
{
    if (text.empty())
        return {};
    return dashboard::rfc3339(std::max<std::int64_t>(0, dashboard::now_ms() - duration_of(option, text).count()));
}

std::string written(const config::Endpoint& endpoint)
{
    const bool v6 = endpoint.address.find(':') != std::string::npos;
    return (v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" + std::to_string(endpoint.port);
}

std::string text_at(const boost::json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null())
        return {};
    if (value->is_string())
        return std::string(value->get_string());
    if (!value->is_array())
        return dashboard::text_of(*value);
    std::string out;
    for (const auto& item : value->get_array())
        out +=
            (out.empty() ? "" : " ") + (item.is_string() ? std::string(item.get_string()) : dashboard::text_of(item));
    return out;
}

std::string yes_at(const boost::json::object& object, std::string_view key)
{
    const auto* value = object.if_contains(key);
    return value == nullptr || !value->is_bool() ? "" : value->get_bool() ? "yes" : "no";
}

} // namespace paravent::cli
