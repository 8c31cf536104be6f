#include "proxy/cli/named_files.hpp"

#include "proxy/net/hosts_file.hpp"
#include "proxy/tls/origin_side.hpp"

#include <stdexcept>

namespace paravent::cli {

std::vector<std::string> faults_of_named_files(const config::Settings& settings)
{
    std::vector<std::string> faults;
    try {
        tls::check_trust(settings.tls.trust);
    } catch (const std::runtime_error& problem) {
        faults.emplace_back(problem.what());
    }
    if (!settings.resolver.hosts.empty())
        if (auto fault = net::why_unreadable(settings.resolver.hosts); !fault.empty())
            faults.push_back(std::move(fault));
    return faults;
}

} // namespace paravent::cli
