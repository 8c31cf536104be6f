#pragma once

#include "config/settings.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

namespace paravent::cli {

/// Why a command ends without having done its work: one line for a person, and the exit status.
class Failure : public std::runtime_error {
public:
    Failure(int exit_status, const std::string& line) : std::runtime_error(line), status(exit_status) {}
    const int status;
};
inline constexpr int failed = 1;      ///< exit status: it could not be done
inline constexpr int wrong_usage = 2; ///< exit status: it cannot be meant like that

/// Where settings and state are, as given with --config and --state.
struct Place {
    std::filesystem::path config, state; ///< empty: found by the rules of config::find_settings, state_directory
    std::filesystem::path program;       ///< the running program's file
};

/// @throws Failure with every error of the file
config::Settings settings_at(const Place& place);

/// The state directory that commands mean: that of config::state_directory, or the installed service's, where whoever
/// asks has none of their own.
std::filesystem::path state_at(const Place& place);

/// The token for the service: PARAVENT_TOKEN, else the state directory's file. @throws Failure naming file and user
std::string token_at(const Place& place);

std::string user_name();

} // namespace paravent::cli
