#include "proxy/fetch/confine.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <utility>

#ifdef PARAVENT_UNBOUNDED_ADDRESSES
// The search for leaks traces the program, which nobody may (PR_SET_DUMPABLE below): it would end with an error
// instead.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "detect_leaks=0";
}
#endif

namespace paravent::fetch {
namespace {

constexpr rlim_t address_space = rlim_t{512} << 20; ///< the largest list takes 215 MiB, its libraries 80 of them
constexpr rlim_t processor_seconds = 20;            ///< a list like EasyList takes a tenth of one

bool bound(__rlimit_resource resource, rlim_t most) noexcept
{
    const rlimit limit{most, most};
    return setrlimit(resource, &limit) == 0;
}

/// Where the system keeps its authorities, its resolver's settings and libraries that are loaded late.
constexpr const char* readable[] = {
    "/etc",      "/usr",        "/lib", "/lib64", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
    "/run/nscd", "/dev/urandom"};

/// No file can be written, made or removed, no program run; what may be read is named above. A kernel without Landlock
/// has only the other bounds.
void lock_files(const std::string& trust) noexcept
{
    landlock_ruleset_attr rules{};
    // The rights of Landlock's first version, which every kernel that has it knows.
    rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    const long set = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (set < 0)
        return;
    const int ruleset = static_cast<int>(set);
    const auto allow = [&](const char* path, std::uint64_t rights) {
        const int there = open(path, O_PATH | O_CLOEXEC);
        if (there < 0)
            return;
        landlock_path_beneath_attr beneath{};
        beneath.allowed_access = rights;
        beneath.parent_fd = there;
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0 && errno == EINVAL) {
            beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE; // a file is not listed
            (void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
        }
        close(there);
    };
    for (const char* path : readable)
        allow(path, LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR);
    if (!trust.empty())
        allow(trust.c_str(), LANDLOCK_ACCESS_FS_READ_FILE);
    (void)syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}

} // namespace

std::string confine(const std::string& trust)
{
    // The service may end without a word; nobody waits for this program then.
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close_range(3, ~0U, 0);
    const auto failed = [](const char* what) { return std::string(what) + ": " + std::strerror(errno); };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed("no_new_privs");
    (void)prctl(PR_SET_DUMPABLE, 0);
#ifndef PARAVENT_UNBOUNDED_ADDRESSES
    if (!bound(RLIMIT_AS, address_space))
        return failed("RLIMIT_AS");
#endif
    // No file grows by a byte; pipes and sockets do not count. 64 descriptors are enough for one transfer.
    for (const auto& [resource, most] : {std::pair{RLIMIT_CPU, processor_seconds},
                                         {RLIMIT_FSIZE, rlim_t{0}},
                                         {RLIMIT_CORE, rlim_t{0}},
                                         {RLIMIT_NOFILE, rlim_t{64}}})
        if (!bound(resource, most))
            return failed("setrlimit");
    lock_files(trust);
    return {};
}

} // namespace paravent::fetch
