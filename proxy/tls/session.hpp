#pragma once

#include "proxy/tls/bypass.hpp"
#include "proxy/tls/transport.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace paravent::tls {

using Ssl = std::unique_ptr<SSL, Release<SSL_free>>;

/// One TLS connection, either end of it, over a transport that never waits. Each call does what can be done now and
/// says what it lacks. Not for two threads at once. ClientSide and OriginSide make them.
class Session {
public:
    enum class Outcome : std::uint8_t {
        done,        ///< handshake: complete. read, write: `bytes` of them moved
        wants_read,  ///< call again with the same arguments when the transport has bytes …
        wants_write, ///< … or when it takes some
        ended,       ///< read: the peer said that this is the end
        cut,         ///< the transport ended or broke without a word (a length nobody vouches for)
        failed,      ///< TLS itself: what `failure` says
    };
    struct Moved {
        Outcome outcome = Outcome::done;
        std::size_t bytes = 0;
    };

    /// @param transport must outlive the session
    Session(Ssl ssl, Transport& transport);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Bytes that were read from the transport before: they come first.
    void replay(std::string bytes);

    Outcome handshake() noexcept;
    Moved read(std::span<char> into) noexcept;
    Moved write(std::string_view bytes) noexcept;
    /// Says that this is the end. What the peer still sends can be read; nothing more can be written.
    Outcome close() noexcept;
    /// Bytes are decrypted and wait to be read, whatever the transport has.
    bool holds_bytes() const noexcept;
    /// Gives back the buffers that hold nothing.
    void rest() noexcept;

    std::string_view protocol() const noexcept; ///< the ALPN in force; empty: none
    bool resumed() const noexcept;
    std::uint16_t version() const noexcept; ///< 0x0304
    /// Why it failed: OpenSSL's words, or the verdict on the peer's certificate. Empty where it did not fail.
    const std::string& failure() const noexcept { return failure_; }

    /// Towards a client, after it ended: whether it was our certificate that it refused, and how it said so. Only what
    /// comes after our Certificate was sent and before a byte of the application is a refusal.
    std::optional<Refusal> refusal() const noexcept;
    /// Towards an origin: it asked for the client's certificate, which is why the handshake failed (table I11).
    bool wants_client_certificate() const noexcept { return wants_client_certificate_; }

    SSL* ssl() const noexcept { return ssl_.get(); }
    static Session& of(const SSL* ssl) noexcept; ///< in OpenSSL's callbacks

    std::string chosen_protocol;                  ///< towards a client: what ALPN answers; empty: nothing
    std::function<void(SSL_SESSION*)> on_session; ///< towards an origin: a session to resume later; takes ownership

private:
    friend struct SessionBio;
    Outcome outcome_of(int returned) noexcept;
    void note_message(bool written, int type, std::span<const unsigned char> message) noexcept;
    static void on_message(int written, int version, int type, const void* bytes, std::size_t size, SSL* ssl,
                           void* session);
    static int on_certificate_request(SSL* ssl, void* session);

    Ssl ssl_;
    Transport& transport_;
    std::string replayed_;
    std::size_t replayed_at_ = 0;
    std::string failure_;
    std::uint8_t alert_ = 0; ///< the peer's last, but close_notify
    bool is_server_, transport_ended_ = false;
    bool certificate_sent_ = false, established_ = false, said_something_ = false;
    bool over_ = false, cut_ = false; ///< over: ended, cut or failed
    bool wants_client_certificate_ = false;
};

} // namespace paravent::tls
