#include "proxy/helper/confine.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <memory>

#ifdef PARAVENT_UNBOUNDED_ADDRESSES
// The search for leaks traces the program, which nobody may (PR_SET_DUMPABLE below): it would end with an error
// instead.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options()
{
    return "detect_leaks=0";
}
#endif

namespace paravent::helper {
namespace {

bool bound(__rlimit_resource resource, rlim_t soft, rlim_t hard) noexcept
{
    const rlimit limit{soft, hard};
    return setrlimit(resource, &limit) == 0;
}

/// No file can be written, made or removed, no program run. A kernel without Landlock has only the other bounds.
void lock_files(const std::vector<std::string>& readable) noexcept
{
    landlock_ruleset_attr rules{};
    // The rights of Landlock's first version, which every kernel that has it knows.
    rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
    const long set = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (set < 0)
        return;
    const int ruleset = static_cast<int>(set);
    for (const auto& path : readable) {
        const int there = open(path.c_str(), O_PATH | O_CLOEXEC);
        if (there < 0)
            continue;
        landlock_path_beneath_attr beneath{};
        beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
        beneath.parent_fd = there;
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0 && errno == EINVAL) {
            beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE; // a file is not listed
            (void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
        }
        close(there);
    }
    (void)syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__)
constexpr std::uint32_t architecture = AUDIT_ARCH_ARM;
#else
constexpr std::uint32_t architecture = 0;
#endif

/// No socket is made, by whichever way there is to ask for one (seccomp(2)). Where the kernel has no filters the other
/// bounds have to do.
void forbid_sockets() noexcept
{
    constexpr std::uint32_t other_numbering = 0x40000000; // x32's, on the same architecture
    sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 0, 6),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, other_numbering, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socketpair, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
    };
    sock_fprog filter{std::size(steps), steps};
    if (architecture != 0)
        (void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

} // namespace

std::string confine(const Confinement& kept)
{
    // The service may end without a word; nobody waits for this program then.
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)close_range(3, ~0U, 0);
    (void)setpriority(PRIO_PROCESS, 0, kept.niceness);
    const auto failed = [](const char* what) { return std::string(what) + ": " + std::strerror(errno); };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failed("no_new_privs");
    (void)prctl(PR_SET_DUMPABLE, 0);
    if (!kept.network)
        forbid_sockets();
    lock_files(kept.readable); // needs descriptors, which may be gone below
#ifndef PARAVENT_UNBOUNDED_ADDRESSES
    if (!bound(RLIMIT_AS, kept.address_space, kept.address_space))
        return failed("RLIMIT_AS");
#endif
    // No file grows by a byte; pipes and sockets do not count.
    if (!bound(RLIMIT_CPU, kept.processor_seconds, kept.processor_seconds + kept.last_seconds) ||
        !bound(RLIMIT_FSIZE, 0, 0) || !bound(RLIMIT_CORE, 0, 0) ||
        !bound(RLIMIT_NOFILE, kept.descriptors, kept.descriptors))
        return failed("setrlimit");
    return {};
}

std::uint64_t address_space_taken()
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"), std::fclose);
    unsigned long pages = 0;
    if (!file || std::fscanf(file.get(), "%lu", &pages) != 1)
        return 0;
    return std::uint64_t{pages} * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

} // namespace paravent::helper
