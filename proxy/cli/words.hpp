#pragma once

#include "config/settings.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>

// What several commands read and say alike.
namespace paravent::cli {

/// "7d" as a duration. @throws Failure naming the option
config::Duration duration_of(std::string_view option, std::string_view text);
/// The RFC 3339 time that long ago; empty for an empty text.
std::string time_since(std::string_view option, std::string_view text);

/// "127.0.0.1:8480", "[::1]:8480".
std::string written(const config::Endpoint& endpoint);

/// A member as text: strings as they are, numbers and lists as people write them, null and missing ones empty.
std::string text_at(const boost::json::object& object, std::string_view key);
/// "yes", "no", or empty where it is missing.
std::string yes_at(const boost::json::object& object, std::string_view key);

} // namespace paravent::cli
