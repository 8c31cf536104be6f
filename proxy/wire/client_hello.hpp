#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::wire {

/// What a TLS client says first (RFC 8446, section 4.1.2), as far as it decides the way of a connection.
struct ClientHello {
    /// The name it asks for (RFC 6066, section 3) in normal form (rules/domains.hpp), an IP literal too; empty where
    /// none is sent. With Encrypted ClientHello this is the outer name.
    std::string server_name;
    /// The protocols it speaks inside (RFC 7301), as on the wire and as OpenSSL takes them: length byte, name, length
    /// byte, name …; every length fits, no name is empty. Empty where it offers none.
    std::string alpn;
    /// The highest version offered, 0x0304 for TLS 1.3; values that only test tolerance (RFC 8701) do not count.
    std::uint16_t highest_version = 0;
    /// It carries encrypted_client_hello: a real one or one that looks like it (Chromium always sends one).
    bool encrypted_client_hello = false;
    std::size_t size = 0; ///< bytes of the connection that it takes: whole records
};

/// Whether an ALPN list on the wire has that name in it.
bool offers(std::string_view alpn, std::string_view protocol) noexcept;

/// Reads the ClientHello at the start of a connection without taking anything: the bytes stay with the caller, who
/// replays them to the origin or gives them to a TLS library. Joins records, for a hello may come in 1-byte ones.
class ClientHelloReader {
public:
    /// A hello with its records must end within so many bytes.
    static constexpr std::size_t most = 64 * 1024;

    enum class Reading : std::uint8_t {
        need_more,
        not_tls,   ///< no TLS handshake record stands at the start
        malformed, ///< TLS, but no hello that could be read; also one that is too large
        hello,
    };
    /// `kept`: all bytes of the connection so far, so each call's begin with those of the one before; only what came
    /// since is looked at. What follows the hello is not looked at. Anything but need_more is final.
    Reading read(std::string_view kept);

    /// After `Reading::hello`.
    const ClientHello& hello() const noexcept { return hello_; }

private:
    Reading join(std::string_view kept);
    Reading add(std::string_view payload);

    Reading reading_ = Reading::need_more;
    std::size_t seen_ = 0; ///< of `kept`
    std::size_t left_ = 0; ///< of the record that is being read
    std::string message_;  ///< the handshake message, joined
    ClientHello hello_;
};

} // namespace paravent::wire
