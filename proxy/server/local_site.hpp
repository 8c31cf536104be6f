#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::server {

/// A request to a site that the proxy itself serves (the dashboard), whole.
struct LocalRequest {
    std::string method;
    std::string target;                                      ///< path and query as sent, begins with "/"
    std::string host;                                        ///< normal form, from the target or Host
    std::uint16_t port = 0;                                  ///< as written there; 0 where none was
    std::vector<std::pair<std::string, std::string>> fields; ///< names as sent
    std::string body;        ///< at most Beginning::most_body; larger ones got 413 before
    std::string client;      ///< numeric address, unmapped
    std::string own_address; ///< numeric: where the client found us
    bool loopback = false;   ///< the client is this computer
    bool secure = false;     ///< came over TLS
    std::string authority;   ///< over TLS: the id of the authority whose leaf the client took; empty: of none
    bool by_proxy = false;   ///< came as a proxied request to one of the dashboard's names, not to its own port
    std::string_view field(std::string_view name) const noexcept; ///< case-insensitive; empty where none
};
inline constexpr std::size_t max_local_body = 1024 * 1024;

/// A body that goes on for as long as somebody reads (server-sent events). Thread-safe.
class Feed {
public:
    virtual ~Feed() = default;
    /// Bytes that are ready (bounded), empty where none are. Called on the connection's worker.
    virtual std::string take() = 0;
    /// `wake` is called, from any thread, at most once after each `take` that came back empty. Null: no longer.
    virtual void on_ready(std::function<void()> wake) = 0;
    /// What is sent where nothing was for 15 s.
    virtual std::string_view heartbeat() const noexcept { return ": \n\n"; }
    /// Asked where `take` came back empty: nothing more will come, so the body ends here (a download).
    virtual bool finished() const noexcept { return false; }
};

struct LocalReply {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> fields; ///< without lengths, which the connection knows
    std::string body;
    std::shared_ptr<Feed> feed; ///< not null: the body is what it gives, chunked, until the client goes
};

/// A body of any size that is written on, as it comes, to a pipe (an import). Gone before `end`: the client left.
class Intake {
public:
    virtual ~Intake() = default;
    virtual int descriptor() const noexcept = 0; ///< the pipe's writing end, non-blocking
    /// The body is whole, or the pipe's reader wants no more of it; no descriptor of it is open any longer.
    /// `reply` is called once, from any thread.
    virtual void end(std::function<void(LocalReply)> reply) = 0;
};

/// What a request's head decides; neither: its body is read whole.
struct Beginning {
    std::optional<LocalReply> refusal; ///< a stranger, no such path: the body stays unread
    std::shared_ptr<Intake> intake;
    std::size_t most_body = max_local_body; ///< a larger one gets 413
};

/// Both run on the dashboard's own thread, so they may wait for the disk.
struct LocalSite {
    /// Asked before the body of a request is read.
    std::function<Beginning(const LocalRequest& head)> begins;
    std::function<LocalReply(const LocalRequest& whole)> answers;
};

/// What the bodies of all local requests of the process take together, from their first byte to the answer.
class LocalBodies {
public:
    static constexpr std::size_t most = 8 * max_local_body;

    /// One body's part; gives it back at its end.
    class Share {
    public:
        explicit Share(LocalBodies& bodies) : bodies_(bodies) {}
        ~Share() { bodies_.held_.fetch_sub(mine_, std::memory_order_relaxed); }
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        /// False where there is no room for that much more: nothing is taken then.
        bool grow(std::size_t bytes) noexcept
        {
            if (bodies_.held_.fetch_add(bytes, std::memory_order_relaxed) + bytes > most) {
                bodies_.held_.fetch_sub(bytes, std::memory_order_relaxed);
                return false;
            }
            mine_ += bytes;
            return true;
        }

    private:
        LocalBodies& bodies_;
        std::size_t mine_ = 0;
    };

private:
    std::atomic<std::size_t> held_{0};
};

} // namespace paravent::server
