#include "proxy/cli/named_files.hpp"

#include "proxy/net/hosts_file.hpp"
#include "proxy/tls/origin_side.hpp"

#include <stdexcept>

namespace paravent::cli {

std::string trust_fault(const config::Settings& settings)
{
    try {
        tls::check_trust(settings.tls.trust);
    } catch (const std::runtime_error& problem) {
        return problem.what();
    }
    return {};
}

std::string hosts_fault(const config::Settings& settings)
{
    return settings.resolver.hosts.empty() ? std::string{} : net::why_unreadable(settings.resolver.hosts);
}

} // namespace paravent::cli
