#include "config/settings.hpp"

#include <cstdlib>
#include <pwd.h>
#include <system_error>
#include <unistd.h>

namespace paravent::config {

namespace fs = std::filesystem;

namespace {

std::string_view environment(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool is_file(const fs::path& path)
{
    std::error_code error;
    return fs::is_regular_file(path, error);
}

fs::path home()
{
    if (const auto value = environment("HOME"); value.starts_with('/'))
        return value;
    const passwd* entry = getpwuid(geteuid());
    if (entry != nullptr && entry->pw_dir != nullptr && entry->pw_dir[0] == '/')
        return entry->pw_dir;
    throw SettingsError("no home directory to keep the state in; name a folder with --state DIR");
}

} // namespace

std::optional<fs::path> find_settings(const fs::path& given, const fs::path& program)
{
    if (!given.empty())
        return given;
    if (const auto value = environment("PARAVENT_CONFIG"); !value.empty())
        return fs::path(value);

    // Only beside a folder named build: any ancestor would do for us, but /tmp/config/paravent.toml is anybody's.
    std::error_code error;
    const fs::path real = fs::canonical(program, error);
    for (fs::path folder = real.parent_path(); !error && folder.has_relative_path(); folder = folder.parent_path())
        if (folder.filename() == "build")
            if (auto file = folder.parent_path() / "config" / "paravent.toml"; is_file(file))
                return file;

    if (fs::path installed = "/etc/paravent/paravent.toml"; is_file(installed))
        return installed;
    return std::nullopt;
}

fs::path state_directory(const fs::path& given)
{
    if (!given.empty())
        return given;
    // systemd lists several folders with colons between them; ours is the first.
    if (const auto value = environment("STATE_DIRECTORY"); !value.empty())
        return value.substr(0, value.find(':'));
    // The XDG specification has relative paths ignored.
    if (const auto value = environment("XDG_STATE_HOME"); value.starts_with('/'))
        return fs::path(value) / "paravent";
    return home() / ".local" / "state" / "paravent";
}

} // namespace paravent::config
