#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace paravent::helper {

/// What a helper program keeps when it gives up everything else.
struct Confinement {
    std::uint64_t address_space = 0;     ///< bytes; where the program is built with a sanitizer there is no bound
    std::uint64_t processor_seconds = 0; ///< SIGXCPU comes then
    std::uint64_t last_seconds = 0;      ///< the end so much later, for whoever has something to say
    std::uint64_t descriptors = 3;       ///< open at a time; 3: standard input, output and error, nothing else ever
    int niceness = 0;                    ///< how much it lets others go first, 19 at most (setpriority)
    bool network = false;                ///< sockets may be made
    std::vector<std::string> readable;   ///< files and folders, where the kernel has Landlock; none is written
};

/// Gives up, for good: other descriptors than the first three, its place in the queue for the processor, new
/// privileges, core dumps, memory, computing time, writing to files, the network and, where the kernel has Landlock,
/// every file but those that stay readable. The program ends with the one that started it. Returns why it could not be
/// done, else empty.
std::string confine(const Confinement& kept);

/// Bytes of address space that the program takes now, with its libraries; 0 where /proc cannot tell.
std::uint64_t address_space_taken();

} // namespace paravent::helper
