#include "proxy/server/server.hpp"

#include <algorithm>
#include <array>
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

Listening bind_one(const config::Endpoint& where, Role role)
{
    Listening listening;
    listening.role = role;
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

const std::vector<config::Endpoint>& addresses_of(const config::Settings& settings, Role role) noexcept
{
    switch (role) {
    case Role::dashboard:
        return settings.dashboard.listen;
    case Role::steered:
        return settings.proxy.steered;
    case Role::redirected:
        return settings.proxy.redirected;
    case Role::proxy:
        break;
    }
    return settings.proxy.listen;
}

constexpr std::array all_roles{Role::proxy, Role::dashboard, Role::steered, Role::redirected};

/// A descriptor without a name of ours: the address that it has, the port at least.
Role role_by_address(const config::Settings& settings, const Endpoint& endpoint)
{
    for (const bool by_port_alone : {false, true})
        for (const auto role : all_roles)
            for (const auto& own : addresses_of(settings, role))
                if (own.port == endpoint.port() && (by_port_alone || endpoint_of(own) == endpoint))
                    return role;
    return Role::proxy;
}

/// The name at that place of LISTEN_FDNAMES, "a:b:c".
std::string_view name_at(std::string_view names, int place)
{
    for (; place > 0 && !names.empty(); --place)
        names.remove_prefix(std::min(names.find(':'), names.size() - 1) + 1);
    return names.substr(0, names.find(':'));
}

/// Descriptors that the service manager opened for us (sd_listen_fds(3)).
std::vector<Listening> passed(const config::Settings& settings)
{
    std::vector<Listening> all;
    const char* const pid = std::getenv("LISTEN_PID");
    const char* const count = std::getenv("LISTEN_FDS");
    const char* const names = std::getenv("LISTEN_FDNAMES");
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
        const auto named = role_named(name_at(names ? names : "", fd - first_passed));
        listening.role = named ? *named : role_by_address(settings, listening.endpoint);
        all.push_back(listening);
    }
    return all;
}

} // namespace

std::vector<Listening> listen(const config::Settings& settings)
{
    auto all = passed(settings);
    for (const auto role : all_roles) {
        if (std::ranges::find(all, role, &Listening::role) != all.end())
            continue;
        for (const auto& where : addresses_of(settings, role))
            all.push_back(bind_one(where, role));
    }
    std::ranges::stable_sort(all, {}, &Listening::role);
    return all;
}

} // namespace paravent::server
