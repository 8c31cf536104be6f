#pragma once

#include "config/settings.hpp"

#include <ostream>
#include <string>

/// A text that is no settings file, or no entry of one, and what is said about it.
struct Wrong {
    std::string text;
    std::string message; ///< its beginning, without the file's name
};
inline std::ostream& operator<<(std::ostream& out, const Wrong& wrong)
{
    return out << wrong.text;
}

inline std::string message_of(const std::string& text)
{
    try {
        (void)paravent::config::parse_settings(text, "a.toml");
    } catch (const paravent::config::SettingsError& error) {
        return error.what();
    }
    return "";
}
