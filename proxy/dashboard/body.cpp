#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace paravent::dashboard {

result<boost::json::object> body_of(const server::LocalRequest& request, std::initializer_list<std::string_view> known)
{
    if (request.body.empty())
        return boost::json::object{};
    boost::json::parse_options options;
    options.max_depth = 8;
    boost::system::error_code error;
    const auto value = boost::json::parse(request.body, error, {}, options);
    if (error)
        return Problem{400, "the body is no JSON: " + error.message()};
    if (!value.is_object())
        return Problem{400, "the body is no JSON object"};
    std::string all;
    for (const auto name : known)
        all += (all.empty() ? "" : ", ") + std::string(name);
    for (const auto& [key, ignored] : value.get_object())
        if (std::find(known.begin(), known.end(), std::string_view(key)) == known.end())
            return Problem{400, "the body's \"" + std::string(key).substr(0, 100) + "\" is not known here" +
                                    (all.empty() ? "" : ": " + all)};
    return value.get_object();
}

std::optional<std::int64_t> time_of(const boost::json::value& value)
{
    if (value.is_string())
        return parse_time(value.get_string());
    return value.is_int64() ? parse_time(std::to_string(value.get_int64())) : std::nullopt;
}

} // namespace paravent::dashboard
