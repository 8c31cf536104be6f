#pragma once

#include "config/settings.hpp"
#include "proxy/net/hosts_file.hpp"
#include "proxy/net/stream.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <ares.h>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace paravent::net {

/// One c-ares channel, driven by an io_context. All calls on that context's thread.
class AresChannel {
public:
    struct Reply {
        int status = ARES_SUCCESS; ///< of c-ares
        Addresses addresses;
        std::chrono::seconds ttl{0};
    };
    using Done = std::function<void(Reply)>;

    /// No servers: those of resolv.conf. @throws std::runtime_error where c-ares cannot start
    AresChannel(asio::io_context& context, const std::vector<config::Endpoint>& servers, Millis limit);
    /// Pending questions end with ARES_EDESTRUCTION.
    ~AresChannel();
    AresChannel(const AresChannel&) = delete;
    AresChannel& operator=(const AresChannel&) = delete;

    /// Asks for one family's addresses (AF_INET, AF_INET6). `done` may be called at once.
    void ask(const std::string& name, int family, Done done);

private:
    using Timer =
        asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
    struct Asked;
    struct Watched {
        explicit Watched(asio::posix::basic_stream_descriptor<Executor> d) : descriptor(std::move(d)) {}
        asio::posix::basic_stream_descriptor<Executor> descriptor;
        bool read = false, write = false, reading = false, writing = false;
    };
    void watch(ares_socket_t fd, bool read, bool write);
    void wait(const std::shared_ptr<Watched>& watched, bool write);
    void set_timer();
    void open(const std::vector<config::Endpoint>& servers, Millis timeout, int tries);
    void send(const std::string& name, int family, const std::shared_ptr<Asked>& asked);
    static void take(Asked& asked, Reply reply);

    asio::io_context& context_;
    Timer timer_;
    const Millis patience_; ///< until a question without an answer is asked again
    bool alone_ = false;    ///< there is one server
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, std::shared_ptr<Watched>> sockets_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace paravent::net
