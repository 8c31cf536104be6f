#pragma once

#include "proxy/tls/leaf.hpp"
#include "proxy/tls/session.hpp"

namespace paravent::tls {

/// TLS towards the devices: for each authority, device and host a context of its own, with keys for its tickets, so
/// that no session of one name or device is resumed for another. Shared by all workers.
class ClientSide {
public:
    explicit ClientSide(std::size_t most = 512) : contexts_(most) {}

    /// A session that answers with a leaf for `host` (normal form). `protocol`: what ALPN chooses where the client
    /// offers it, as the origin chose; empty: none. `transport` must outlive it.
    result<std::unique_ptr<Session>> session(const Authority& authority, std::string_view device,
                                             const std::string& host, std::string protocol, Transport& transport,
                                             Seconds now);
    /// After an authority is removed.
    void forget_all();
    std::size_t size() const;
    LeafCache& leaves() noexcept { return leaves_; }

private:
    struct Entry {
        std::shared_ptr<const Leaf> leaf;
        Context context;
    };
    result<Context> context(const Authority& authority, std::string_view device, const std::string& host, Seconds now);

    LeafCache leaves_;
    mutable std::mutex mutex_;
    LeastRecent<Entry> contexts_;
};

} // namespace paravent::tls
