#include "proxy/server/server.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace paravent::server {

namespace asio = net::asio;
using Endpoint = asio::ip::tcp::endpoint;

namespace {

constexpr int first_passed = 3; ///< SD_LISTEN_FDS_START

Endpoint endpoint_of(const config::Endpoint& written)
{
    return {asio::ip::make_address(written.address), written.port};
}

std::string written(const config::Endpoint& endpoint)
{
    const bool v6 = endpoint.address.find(':') != std::string::npos;
    return (v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" + std::to_string(endpoint.port);
}

[[noreturn]] void fail(const config::Endpoint& endpoint, int error)
{
    std::string way_out;
    if (error == EADDRINUSE)
        way_out = "; another program (or another Paravent) has it: end that one or choose another port";
    else if (error == EACCES)
        way_out = "; ports below 1024 come from systemd's socket unit, or choose one above";
    else if (error == EADDRNOTAVAIL)
        way_out = "; this computer has no such address";
    throw std::runtime_error("cannot listen on " + written(endpoint) + ": " + std::strerror(error) + way_out);
}

Listening bind_one(const config::Endpoint& where, bool dashboard)
{
    Listening listening;
    listening.dashboard = dashboard;
    listening.endpoint = endpoint_of(where);
    const int family = listening.endpoint.address().is_v6() ? AF_INET6 : AF_INET;
    listening.descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listening.descriptor < 0)
        fail(where, errno);
    const int on = 1;
    ::setsockopt(listening.descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) // so that 0.0.0.0 and [::] can stand side by side
        ::setsockopt(listening.descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    auto& endpoint = listening.endpoint;
    if (::bind(listening.descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
        ::listen(listening.descriptor, SOMAXCONN) != 0) {
        const int error = errno;
        ::close(listening.descriptor);
        fail(where, error);
    }
    socklen_t size = static_cast<socklen_t>(endpoint.capacity());
    if (::getsockname(listening.descriptor, endpoint.data(), &size) == 0) // a port 0 has become a real one
        endpoint.resize(size);
    return listening;
}

/// Descriptors that the service manager opened for us (sd_listen_fds(3)).
std::vector<Listening> passed(const config::Settings& settings)
{
    std::vector<Listening> all;
    const char* const pid = std::getenv("LISTEN_PID");
    const char* const count = std::getenv("LISTEN_FDS");
    if (!pid || !count || std::to_string(::getpid()) != pid)
        return all;
    const int last = first_passed + std::atoi(count);
    for (int fd = first_passed; fd < last; ++fd) {
        Listening listening;
        listening.descriptor = fd;
        socklen_t size = static_cast<socklen_t>(listening.endpoint.capacity());
        if (::getsockname(fd, listening.endpoint.data(), &size) != 0)
            continue;
        listening.endpoint.resize(size);
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        ::fcntl(fd, F_SETFL, O_NONBLOCK);
        listening.dashboard = std::ranges::any_of(
            settings.dashboard.listen, [&](const auto& own) { return own.port == listening.endpoint.port(); });
        all.push_back(listening);
    }
    return all;
}

} // namespace

std::vector<Listening> listen(const config::Settings& settings)
{
    auto all = passed(settings);
    const auto given = [&](bool dashboard) {
        return std::ranges::any_of(all, [&](const auto& one) { return one.dashboard == dashboard; });
    };
    const bool proxy_given = given(false), dashboard_given = given(true);
    if (!proxy_given)
        for (const auto& where : settings.proxy.listen)
            all.push_back(bind_one(where, false));
    if (!dashboard_given)
        for (const auto& where : settings.dashboard.listen)
            all.push_back(bind_one(where, true));
    std::ranges::stable_partition(all, [](const auto& one) { return !one.dashboard; });
    return all;
}

} // namespace paravent::server
