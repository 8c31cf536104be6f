#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::policy {

/// What the owner answered about the whole home; where nothing is set, the settings file's value holds.
struct HomeAnswers {
    std::optional<config::Profile> profile;
    std::optional<config::Privacy> privacy;
    std::optional<config::Duration> retention;
    std::string language;              ///< of the pages: "en", "fr"; empty: as the browser asks
    bool guests_may_ask = false;       ///< a device may make a ten-minute exception for itself
    std::optional<bool> require_login; ///< on this computer too; nothing: once there is a password
    std::optional<std::int64_t> paused_until_ms;
    bool operator==(const HomeAnswers&) const = default;
};

/// What the owner changes of it; what is not set stays. A set but empty inner value goes back to the file's (or to
/// none).
struct HomeChange {
    std::optional<std::optional<config::Profile>> profile;
    std::optional<std::optional<config::Privacy>> privacy;
    std::optional<std::optional<config::Duration>> retention;
    std::optional<std::optional<std::string>> language;
    std::optional<std::optional<bool>> guests_may_ask, require_login;
    std::optional<std::optional<std::int64_t>> paused_until_ms;
};

/// The languages that the pages speak.
bool is_language(std::string_view text) noexcept;

} // namespace paravent::policy
