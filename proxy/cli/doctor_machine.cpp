#include "proxy/cli/diagnosis.hpp"
#include "proxy/cli/named_files.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/machine/addresses.hpp"
#include "proxy/tls/clock.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

// What this computer is like: settings, ways out, clock, disk.
namespace paravent::cli {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t least_free = 50 * mebibyte;

std::string size_text(std::uint64_t bytes)
{
    return bytes >= 10 * 1024 * mebibyte ? std::to_string(bytes / mebibyte / 1024) + " GiB"
                                         : std::to_string(bytes / mebibyte) + " MiB";
}

/// The first line of several, and how many more there are.
std::string first_line(const std::string& text)
{
    const auto end = text.find('\n');
    if (end == std::string::npos)
        return text;
    const auto more = std::count(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), '\n');
    return text.substr(0, end) + (more > 0 ? " (and " + std::to_string(more) + " more)" : "");
}

/// Whether the folder's owner can make files there; a probe where that is us, for root may write everywhere.
bool is_writable(const std::filesystem::path& folder, const struct stat& status)
{
    if (status.st_uid != ::geteuid())
        return (status.st_mode & S_IWUSR) != 0;
    if (::access(folder.c_str(), W_OK) != 0)
        return false;
    const auto probe = folder / ("doctor." + std::to_string(::getpid()));
    std::ofstream out(probe);
    out << "x" << std::flush;
    const bool written = static_cast<bool>(out);
    std::error_code ignored;
    std::filesystem::remove(probe, ignored);
    return written;
}

/// Nothing: errno says why.
std::optional<struct stat> status_of(const std::filesystem::path& file)
{
    struct stat status{};
    return ::stat(file.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

/// Where the database really is: it may be on a disk of its own, by the settings or by a link.
std::filesystem::path folder_of_database(const Patient& patient)
{
    const auto file = patient.state / patient.settings.statistics.path; // an absolute path stays as it is
    std::error_code none_yet;
    const auto real = std::filesystem::canonical(file, none_yet);
    return (none_yet ? file : real).parent_path();
}

Finding look_at_disk(const std::filesystem::path& folder, const std::string& named, const std::string& unreachable)
{
    const auto status = status_of(folder);
    if (!status)
        return bad("disk", named + ": " + std::strerror(errno), unreachable);
    struct statvfs disk{};
    if (::statvfs(folder.c_str(), &disk) != 0)
        return bad("disk", named + ": " + std::strerror(errno), "look at the disk: dmesg");
    if ((disk.f_flag & ST_RDONLY) != 0)
        return bad("disk", named + " is on a disk that cannot be written",
                   "traffic flows, nothing is kept; look at the disk (dmesg), mount it anew");
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free < least_free)
        return bad("disk", "there are " + size_text(free) + " left for " + named,
                   "make room; traffic flows all the same, but what is new may not be kept");
    if (!is_writable(folder, *status))
        return bad("disk", named + " cannot be written by its owner", "chmod u+rwx " + folder.string());
    return good("disk", size_text(free) + " left for " + named);
}

} // namespace

Findings examine_settings(Patient& patient)
{
    const auto file = config::find_settings(patient.place.config, patient.place.program);
    try {
        patient.settings = settings_at(patient.place);
        patient.settings_read = true;
    } catch (const Failure& problem) {
        return {bad("settings", first_line(problem.what()),
                    "paravent check shows every error; until then a service that runs keeps the old ones, and one "
                    "that does not would not start. What depends on them was not looked at")};
    }
    Findings out;
    for (const auto& fault : {trust_fault(patient.settings), hosts_fault(patient.settings)})
        if (!fault.empty())
            out.push_back(
                bad("settings", fault, "correct the path, or the file's rights; then systemctl restart paravent"));
    if (out.empty())
        out.push_back(
            good("settings", file ? file->string() + " has no errors" : "there is no file, so the defaults hold"));
    return out;
}

Findings examine_routes(const Patient& patient)
{
    using machine::Family;
    if (has_parent(patient.settings))
        return examine_routes_with_parent(patient.settings);
    const auto v4 = machine::way_out(Family::v4), v6 = machine::way_out(Family::v6);
    if (v4.empty() && v6.empty())
        return {bad("routes", "this computer has no way to the internet (no default route)",
                    "see to its network: cable, Wi-Fi, router; `ip route` shows the ways")};
    if (v4.empty())
        return {note("routes", "IPv6 goes out by " + v6 + "; there is no way out for IPv4")};
    return {good("routes", "IPv4 goes out by " + v4 + (v6.empty() ? "; there is no IPv6" : ", IPv6 by " + v6))};
}

Findings examine_clock(const Patient& patient)
{
    (void)patient;
    const auto now = dashboard::now_ms();
    if (tls::is_before_build(now / 1000))
        return {bad("clock",
                    "it says " + dashboard::rfc3339(now) +
                        ", before this program was built: no certificate can be "
                        "made or judged",
                    "set it: timedatectl set-ntp true (package systemd-timesyncd)")};
    timex state{};
    if (::adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0)
        return {note("clock", "it says " + dashboard::rfc3339(now) + ", but no time server keeps it right",
                     "where it is wrong: timedatectl set-ntp true")};
    return {good("clock", "it is right, says its time server")};
}

Findings examine_disk(const Patient& patient)
{
    const auto name = patient.state.string();
    const auto status = status_of(patient.state);
    if (!status && errno == ENOENT && !patient.runs)
        return {note("disk", name + " is not there yet; the service makes it at its first start")};
    Findings all{look_at_disk(patient.state, name, "is --state the service's? give the command as root")};
    const auto folder = folder_of_database(patient);
    const auto statistics = status_of(folder);
    if (status && (statistics ? statistics->st_dev != status->st_dev : errno != ENOENT))
        all.push_back(look_at_disk(folder, folder.string() + " ([statistics] path)", "give the command as root"));
    return all;
}

} // namespace paravent::cli
