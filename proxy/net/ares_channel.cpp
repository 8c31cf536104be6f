#include "proxy/net/ares_channel.hpp"

#include <algorithm>
#include <netdb.h>
#include <stdexcept>
#include <string_view>
#include <sys/time.h>
#include <utility>

namespace paravent::net {
namespace {

constexpr std::size_t most_addresses = 16;

void start_library()
{
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    if (status != ARES_SUCCESS)
        throw std::runtime_error(std::string("c-ares: ") + ares_strerror(status));
}

std::string servers_csv(const std::vector<config::Endpoint>& servers)
{
    std::string csv;
    for (const auto& server : servers) {
        if (!csv.empty())
            csv += ',';
        const bool v6 = server.address.find(':') != std::string::npos;
        csv += (v6 ? "[" + server.address + "]" : server.address) + ":" + std::to_string(server.port);
    }
    return csv;
}

bool has_one_server(ares_channel channel)
{
#if ARES_VERSION >= 0x011800 // 1.24: Debian 13's calls the other one deprecated
    char* const csv = ares_get_servers_csv(channel);
    const bool one = csv && !std::string_view(csv).empty() && std::string_view(csv).find(',') == std::string_view::npos;
    ares_free_string(csv);
#else
    ares_addr_port_node* first = nullptr;
    const bool one = ares_get_servers_ports(channel, &first) == ARES_SUCCESS && first && !first->next;
    ares_free_data(first);
#endif
    return one;
}

AresChannel::Reply read_reply(int status, ares_addrinfo* info)
{
    AresChannel::Reply reply{status, {}, std::chrono::seconds{0}};
    int ttl = INT_MAX;
    for (auto* node = info ? info->nodes : nullptr; node; node = node->ai_next) {
        ttl = std::min(ttl, node->ai_ttl);
        if (reply.addresses.size() >= most_addresses) // thousands fit into an answer; nobody dials them
            break;
        if (node->ai_family == AF_INET) {
            const auto* in = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
            reply.addresses.emplace_back(asio::ip::address_v4(ntohl(in->sin_addr.s_addr)));
        } else if (node->ai_family == AF_INET6) {
            asio::ip::address_v6::bytes_type bytes;
            const auto* in = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
            std::copy_n(in->sin6_addr.s6_addr, bytes.size(), bytes.begin());
            reply.addresses.push_back(unmapped(asio::ip::address_v6(bytes)));
        }
    }
    for (auto* alias = info ? info->cnames : nullptr; alias; alias = alias->next)
        ttl = std::min(ttl, alias->ttl);
    if (!reply.addresses.empty())
        reply.ttl = std::chrono::seconds{std::max(ttl, 0)};
    if (info)
        ares_freeaddrinfo(info);
    return reply;
}

} // namespace

AresChannel::AresChannel(asio::io_context& context, const std::vector<config::Endpoint>& servers, Millis limit)
    : context_(context), timer_(context.get_executor()), patience_(std::max(limit / 4, Millis(250)))
{
    start_library();
    // The next server is asked where one says nothing for a while. Where there is no other, it may take its time.
    open(servers, patience_, 2);
    alone_ = has_one_server(channel_);
    if (alone_) {
        ares_destroy(channel_);
        open(servers, limit, 1);
    }
}

void AresChannel::open(const std::vector<config::Endpoint>& servers, Millis timeout, int tries)
{
    ares_options options{};
    char lookups[] = "b"; // hosts files are ours to read, once and not for each question
    options.lookups = lookups;
    options.ndomains = 0;
    options.tries = tries;
    options.timeout = static_cast<int>(timeout.count());
    options.sock_state_cb_data = this;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
        static_cast<AresChannel*>(self)->watch(fd, readable != 0, writable != 0);
    };
    const int mask = ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS | ARES_OPT_SOCK_STATE_CB;
    if (const int status = ares_init_options(&channel_, &options, mask); status != ARES_SUCCESS)
        throw std::runtime_error(std::string("c-ares: ") + ares_strerror(status));
    if (!servers.empty())
        ares_set_servers_ports_csv(channel_, servers_csv(servers).c_str());
}

AresChannel::~AresChannel()
{
    *alive_ = false;
    ares_destroy(channel_);
    for (auto& [fd, watched] : sockets_)
        watched->descriptor.release();
}

/// One question of somebody's, asked once or twice.
struct AresChannel::Asked {
    Asked(asio::io_context& context, Done its_done) : done(std::move(its_done)), again(context.get_executor()) {}
    Done done; ///< null once it was called
    Timer again;
    unsigned pending = 0;
};

/// To the only server a lost packet is sent again after a while, and a slow answer to the first one still counts: with
/// c-ares' own second try (Debian 13's, 1.34) it would not.
void AresChannel::ask(const std::string& name, int family, Done done)
{
    const auto asked = std::make_shared<Asked>(context_, std::move(done));
    if (alone_) {
        asked->again.expires_after(patience_);
        asked->again.async_wait([this, name, family, asked, alive = alive_](error_code error) {
            if (!error && *alive && asked->done)
                send(name, family, asked);
        });
    }
    send(name, family, asked);
}

void AresChannel::send(const std::string& name, int family, const std::shared_ptr<Asked>& asked)
{
    ares_addrinfo_hints hints{};
    hints.ai_family = family;
    hints.ai_flags = ARES_AI_NOSORT;
    ++asked->pending;
    ares_getaddrinfo(
        channel_, name.c_str(), nullptr, &hints,
        [](void* arg, int status, int /*timeouts*/, ares_addrinfo* info) {
            const std::unique_ptr<std::shared_ptr<Asked>> held(static_cast<std::shared_ptr<Asked>*>(arg));
            take(**held, read_reply(status, info));
        },
        new std::shared_ptr<Asked>(asked));
    set_timer();
}

/// The first answer counts, and a failure where nothing else is under way.
void AresChannel::take(Asked& asked, Reply reply)
{
    --asked.pending;
    const bool answered =
        reply.status == ARES_SUCCESS || reply.status == ARES_ENOTFOUND || reply.status == ARES_ENODATA;
    if (!asked.done || (!answered && asked.pending > 0))
        return;
    asked.again.cancel();
    std::exchange(asked.done, nullptr)(std::move(reply));
}

/// c-ares says what it waits for on a socket of its own; with neither, it closes the socket right after, so Asio must
/// have let go of it by then.
void AresChannel::watch(ares_socket_t fd, bool read, bool write)
{
    auto found = sockets_.find(fd);
    if (!read && !write) {
        if (found != sockets_.end()) {
            found->second->read = found->second->write = false;
            found->second->descriptor.release();
            sockets_.erase(found);
        }
        return;
    }
    if (found == sockets_.end()) {
        asio::posix::basic_stream_descriptor<Executor> descriptor(context_.get_executor());
        error_code error;
        descriptor.assign(fd, error);
        if (error)
            return; // the question ends by its timeout
        found = sockets_.emplace(fd, std::make_shared<Watched>(std::move(descriptor))).first;
    }
    const auto watched = found->second;
    watched->read = read;
    watched->write = write;
    if (read && !watched->reading)
        wait(watched, false);
    if (write && !watched->writing)
        wait(watched, true);
}

void AresChannel::wait(const std::shared_ptr<Watched>& watched, bool write)
{
    (write ? watched->writing : watched->reading) = true;
    using Descriptor = asio::posix::basic_stream_descriptor<Executor>;
    watched->descriptor.async_wait(
        write ? Descriptor::wait_write : Descriptor::wait_read,
        [this, watched, write, alive = alive_](error_code error) {
            (write ? watched->writing : watched->reading) = false;
            if (error || !*alive)
                return;
            const auto fd = watched->descriptor.native_handle();
            ares_process_fd(channel_, write ? ARES_SOCKET_BAD : fd, write ? fd : ARES_SOCKET_BAD);
            if (!*alive)
                return;
            if ((write ? watched->write && !watched->writing : watched->read && !watched->reading))
                wait(watched, write);
            set_timer();
        });
}

void AresChannel::set_timer()
{
    timeval most{60, 0};
    timeval next{};
    const timeval* const due = ares_timeout(channel_, &most, &next);
    if (sockets_.empty())
        return;
    timer_.expires_after(std::chrono::seconds{due->tv_sec} + std::chrono::microseconds{due->tv_usec});
    timer_.async_wait([this, alive = alive_](error_code error) {
        if (error || !*alive)
            return;
        ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        if (*alive)
            set_timer();
    });
}

} // namespace paravent::net
