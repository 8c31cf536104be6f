#pragma once

#include "proxy/tls/clock.hpp"
#include "proxy/tls/error.hpp"
#include "proxy/tls/least_recent.hpp"
#include "proxy/tls/session.hpp"

#include <filesystem>
#include <mutex>
#include <vector>

namespace paravent::tls {

/// @throws std::runtime_error naming the file where `trust` (PEM; may be empty) has no certificates
void check_trust(const std::filesystem::path& trust);

/// TLS towards the origins. An origin whose certificate, key or protocol is not in order (tables I1, I2), whose staple
/// says something other than "good", or who asks for the client's certificate (I11) gets no session: the handshake
/// fails, and the connection is tunnelled instead. Shared by all workers.
class OriginSide {
public:
    /// The system's roots, and those of `trust` (PEM) where it is not empty.
    /// @throws std::runtime_error naming the file where it has none
    explicit OriginSide(const std::filesystem::path& trust, std::size_t most_sessions = 512);

    /// A session for `host` (normal form, a name), resumed where this device had one. `alpn`: what is offered, as
    /// wire::ClientHello has it; empty: none. `transport` must outlive it, and so must this object.
    result<std::unique_ptr<Session>> session(std::string_view device, const std::string& host, std::string_view alpn,
                                             Transport& transport, Seconds now);
    void forget_sessions();

private:
    void keep(const std::string& key, SSL_SESSION* session);
    void resume(SSL* ssl, const std::string& key, Seconds now);

    Context context_;
    std::mutex mutex_;
    LeastRecent<std::vector<std::string>> sessions_; ///< by device and host, serialized: a fifth of the memory
};

} // namespace paravent::tls
