#include "proxy/cli/gateway_door.hpp"

#include "proxy/cli/gateway_keeper.hpp"
#include "proxy/cli/place.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace paravent::cli {
namespace {

constexpr std::string_view name{"\0paravent-gateway", 17};
constexpr char off = 'o', done = 'd', refused = 'r';
constexpr int patience_ms = 20'000; ///< for nft to finish what it is at

struct Address {
    sockaddr_un value{};
    socklen_t size = 0;
    Address()
    {
        value.sun_family = AF_UNIX;
        std::copy(name.begin(), name.end(), value.sun_path);
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    }
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&value); }
};

/// Connected to the keeper, or -1.
int reach()
{
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const Address address;
    if (fd >= 0 && ::connect(fd, address.get(), address.size) == 0)
        return fd;
    if (fd >= 0)
        ::close(fd);
    return -1;
}

ucred peer_of(int fd)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        peer.uid = static_cast<uid_t>(-1);
    return peer;
}

} // namespace

GatewayDoor::GatewayDoor()
{
    listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const Address address;
    if (listening_ >= 0 && ::bind(listening_, address.get(), address.size) == 0 && ::listen(listening_, 4) == 0)
        return;
    const int reason = errno;
    if (listening_ >= 0)
        ::close(listening_);
    if (reason != EADDRINUSE)
        throw Failure(failed, std::string("the rules cannot be kept: ") + std::strerror(reason));
    const auto keeper = gateway_keeper();
    throw Failure(failed, "it is on already" + (keeper ? ", by process " + std::to_string(*keeper) : std::string()) +
                              ": `paravent gateway off` ends that");
}

GatewayDoor::~GatewayDoor()
{
    for (const int fd : {listening_, asker_})
        if (fd >= 0)
            ::close(fd);
}

bool GatewayDoor::asked_to_end()
{
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0)
        return false;
    const timeval short_while{0, 200'000}; // one who only looks says nothing, and must not hold us up
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &short_while, sizeof short_while);
    const auto peer = peer_of(fd);
    const bool may = peer.uid == 0 || peer.uid == ::geteuid();
    char word = 0;
    const bool asked = ::recv(fd, &word, 1, 0) == 1 && word == off;
    if (asked && may) {
        asker_ = fd;
        return true;
    }
    if (asked)
        (void)!::send(fd, &refused, 1, MSG_NOSIGNAL);
    ::close(fd);
    return false;
}

void GatewayDoor::say_done() noexcept
{
    if (asker_ >= 0)
        (void)!::send(asker_, &done, 1, MSG_NOSIGNAL);
}

std::optional<pid_t> gateway_keeper()
{
    const int fd = reach();
    if (fd < 0)
        return std::nullopt;
    const auto peer = peer_of(fd);
    ::close(fd);
    return peer.pid;
}

bool end_gateway_keeper()
{
    const int fd = reach();
    if (fd < 0)
        return false;
    char answer = 0;
    pollfd waiting{fd, POLLIN, 0};
    const bool heard = ::send(fd, &off, 1, MSG_NOSIGNAL) == 1 && ::poll(&waiting, 1, patience_ms) == 1 &&
                       ::recv(fd, &answer, 1, 0) == 1;
    ::close(fd);
    if (heard && answer == refused)
        throw Failure(failed, "only root, or who put the rules in force, takes them back: sudo paravent gateway off");
    return heard && answer == done;
}

} // namespace paravent::cli
