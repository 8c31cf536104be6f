#include "proxy/cli/place.hpp"

#include "proxy/dashboard/text.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <pwd.h>
#include <unistd.h>

namespace paravent::cli {

config::Settings settings_at(const Place& place)
{
    try {
        const auto file = config::find_settings(place.config, place.program);
        return file ? config::read_settings(*file) : config::Settings{};
    } catch (const config::SettingsError& error) {
        throw Failure(failed, dashboard::inert_lines(error.what()));
    }
}

std::string user_name()
{
    const auto* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

std::filesystem::path state_at(const Place& place)
{
    static const std::filesystem::path installed = "/var/lib/paravent"; // packaging/systemd/paravent.service
    auto own = config::state_directory(place.state);
    if (!place.state.empty() || std::getenv("STATE_DIRECTORY") != nullptr)
        return own;
    // A service of one's own has its token there; the folder alone may be that of `system-proxy`.
    std::error_code ignored;
    return !std::filesystem::exists(own / "token", ignored) && std::filesystem::exists(installed, ignored) ? installed
                                                                                                           : own;
}

std::string token_at(const Place& place)
{
    if (const char* token = std::getenv("PARAVENT_TOKEN"); token != nullptr && *token != '\0')
        return token;
    const auto file = state_at(place) / "token";
    errno = 0;
    std::ifstream in(file);
    std::string token;
    if (in && std::getline(in, token) && !token.empty())
        return token;
    const int reason = errno;
    throw Failure(failed, dashboard::inert(file.string()) + ": user " + user_name() +
                              " cannot read the service's token (" +
                              (reason != 0 ? std::strerror(reason) : "it is empty") +
                              (reason == EACCES ? "); the same as root (sudo) can, or the service's user"
                                                : "); is the service running, and --state the same?"));
}

} // namespace paravent::cli
