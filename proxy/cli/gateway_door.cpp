#include "proxy/cli/gateway_door.hpp"

#include "proxy/cli/gateway_keeper.hpp"
#include "proxy/cli/place.hpp"
#include "proxy/helper/process.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace paravent::cli {
namespace {

/// A folder where root alone can put something; each network has its file there.
constexpr const char* folder = "/run/paravent-gateway";
/// Of a process that is not root: anybody can have this name first.
constexpr std::string_view anybodys_name{"\0paravent-gateway", 17};
constexpr char off = 'o', done = 'd', refused = 'r';
constexpr int patience_ms = 20'000; ///< for nft to finish what it is at

struct Address {
    sockaddr_un value{};
    socklen_t size = 0;
    explicit Address(std::string_view name)
    {
        value.sun_family = AF_UNIX;
        std::copy(name.begin(), name.end(), value.sun_path);
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    }
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&value); }
};

std::string file_of_this_network()
{
    struct stat network{};
    return ::stat("/proc/self/ns/net", &network) == 0 ? std::string(folder) + "/" + std::to_string(network.st_ino)
                                                      : std::string{};
}

ucred peer_of(int fd)
{
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        peer.uid = static_cast<uid_t>(-1);
    return peer;
}

bool is_trusted(const ucred& peer)
{
    return peer.uid == 0 || peer.uid == ::geteuid();
}

/// Connected to whoever listens there, or -1. A stranger may let nobody in: no waiting without an end.
int reach(const Address& address)
{
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    for (int tries = 0; fd >= 0 && tries < 100; ++tries) {
        if (::connect(fd, address.get(), address.size) == 0)
            return fd;
        if (errno != EAGAIN) // its queue is full
            break;
        ::usleep(10'000);
    }
    if (fd >= 0)
        ::close(fd);
    return -1;
}

/// Connected to the keeper, or -1.
int reach_keeper()
{
    const auto file = file_of_this_network();
    for (const std::string_view name : {std::string_view(file), anybodys_name}) {
        const int fd = reach(Address(name));
        if (fd >= 0 && is_trusted(peer_of(fd)))
            return fd;
        if (fd >= 0)
            ::close(fd);
    }
    return -1;
}

int listen_at(const Address& address)
{
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && ::bind(fd, address.get(), address.size) == 0 && ::listen(fd, 4) == 0)
        return fd;
    const int reason = errno;
    if (fd >= 0)
        ::close(fd);
    errno = reason;
    return -1;
}

/// A file that is left of a killed keeper gives way. -1 where there can be no such file.
int listen_at_file(const std::string& file)
{
    ::mkdir(folder, 0711);
    ::chmod(folder, 0711); // who could read it could hold its lock
    const helper::Descriptor one_at_a_time(::open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (one_at_a_time.get() < 0 || ::flock(one_at_a_time.get(), LOCK_EX) != 0 || gateway_keeper())
        return -1;
    ::unlink(file.c_str());
    const int fd = listen_at(Address(file));
    if (fd >= 0)
        ::chmod(file.c_str(), 0666); // anybody may look who keeps them; who may ask for the end is asked_to_end's
    return fd;
}

} // namespace

GatewayDoor::GatewayDoor()
{
    if (::geteuid() == 0) {
        file_ = file_of_this_network();
        listening_ = file_.empty() ? -1 : listen_at_file(file_);
    }
    if (const auto keeper = listening_ < 0 ? gateway_keeper() : std::nullopt)
        throw Failure(failed,
                      "it is on already, by process " + std::to_string(*keeper) + ": `paravent gateway off` ends that");
    if (listening_ >= 0)
        return;
    file_.clear();
    listening_ = listen_at(Address(anybodys_name));
    if (listening_ < 0)
        throw Failure(failed, errno == EADDRINUSE
                                  ? "a process of another user has the name under which the rules are kept: end that "
                                    "one, or give the command as root"
                                  : std::string("the rules cannot be kept: ") + std::strerror(errno));
}

GatewayDoor::~GatewayDoor()
{
    if (!file_.empty())
        ::unlink(file_.c_str());
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
    const bool may = is_trusted(peer_of(fd));
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
    const int fd = reach_keeper();
    if (fd < 0)
        return std::nullopt;
    const auto peer = peer_of(fd);
    ::close(fd);
    return peer.pid;
}

bool end_gateway_keeper()
{
    const int fd = reach_keeper();
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
