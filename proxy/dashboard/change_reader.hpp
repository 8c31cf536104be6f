#pragma once

#include "proxy/dashboard/reply.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace paravent::dashboard {

/// Reads the keys of a change, and keeps the first thing that is wrong. null goes back to the file's value, which is a
/// set but empty inner value.
class ChangeReader {
public:
    explicit ChangeReader(const boost::json::object& body) : body_(body) {}

    template <class T, class From>
    void read(std::string_view key, std::optional<std::optional<T>>& out, std::string_view expected, From from)
    {
        const auto* value = body_.if_contains(key);
        if (value == nullptr)
            return;
        out.emplace(value->is_null() ? std::optional<T>{} : from(*value));
        if (!*out && !value->is_null() && !problem)
            problem =
                Problem{400, std::string(key) + ": is " + std::string(expected) + " or null (what the file says)"};
    }

    void yes_or_no(std::string_view key, std::optional<std::optional<bool>>& out)
    {
        read(key, out, "true, false",
             [](const boost::json::value& v) { return v.is_bool() ? std::optional(v.get_bool()) : std::nullopt; });
    }

    template <class T>
    void named(std::string_view key, std::optional<std::optional<T>>& out, std::string_view words,
               std::optional<T> (*from_name)(std::string_view) noexcept)
    {
        read(key, out, words,
             [&](const boost::json::value& v) { return v.is_string() ? from_name(v.get_string()) : std::nullopt; });
    }

    std::optional<Problem> problem;

private:
    const boost::json::object& body_;
};

} // namespace paravent::dashboard
