#pragma once

#include "proxy/server/role.hpp"
#include "proxy/server/worker.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace paravent::server {

/// A listening socket and what comes in by it.
struct Listening {
    int descriptor = -1;
    net::asio::ip::tcp::endpoint endpoint;
    Role role = Role::proxy;
};

/// Binds what the settings say, or takes descriptors over from the service manager (LISTEN_FDS): what comes in by one
/// its name says (LISTEN_FDNAMES), else its address, as the settings have it. What is handed over for a role replaces
/// the settings' addresses of that role. In the order of the roles.
/// @throws std::runtime_error with the address, the reason and the way out
std::vector<Listening> listen(const config::Settings& settings);

/// The proxy itself: one acceptor, its workers, their ends.
class Server {
public:
    struct Status {
        unsigned workers = 0;
        std::uint64_t open = 0, total = 0, refused = 0, tunnels = 0;
        bool dns_loop = false; ///< a name that is steered here leads back to this box
    };

    /// `workers`: how many; `site` answers for the dashboard.
    Server(const std::vector<Listening>& listening, std::shared_ptr<const Snapshot> first, unsigned workers,
           policy::Policy& policy, statistics::Recorder& statistics, net::Resolver& resolver,
           tls::Interception& interception, LocalSite site);
    /// Ends what is left at once.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    /// New settings or rules: from now on, for open tunnels too. Listening addresses stay.
    void replace(std::shared_ptr<const Snapshot> next);
    /// Stops accepting; what runs comes to its end.
    void drain();
    /// Waits for that for at most `limit`; whether nothing is left.
    bool wait_until_empty(net::Millis limit);
    Status status() const;
    /// For a watchdog, each may be called from any thread and has its argument called on one of ours: the workers, the
    /// first with the acceptor, and last the dashboard's.
    std::vector<std::function<void(std::function<void()>)>> threads();

private:
    class Acceptor;

    Census census_;
    std::unique_ptr<Shared> shared_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

} // namespace paravent::server
