#include "proxy/fetch/confine.hpp"

#include "proxy/helper/confine.hpp"

namespace paravent::fetch {

std::string confine(const std::string& trust)
{
    helper::Confinement kept;
    kept.address_space = std::uint64_t{512} << 20; // the largest list takes 215 MiB, its libraries 80 of them
    kept.processor_seconds = 20;                   // a list like EasyList takes a tenth of one
    kept.descriptors = 64;                         // enough for one transfer
    kept.niceness = 10;                            // a list is there a little later, a page is not
    kept.network = true;
    // Where the system keeps its authorities, its resolver's settings and libraries that are loaded late.
    kept.readable = {
        "/etc",      "/usr",        "/lib", "/lib64", "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
        "/run/nscd", "/dev/urandom"};
    if (!trust.empty())
        kept.readable.push_back(trust);
    return helper::confine(kept);
}

} // namespace paravent::fetch
