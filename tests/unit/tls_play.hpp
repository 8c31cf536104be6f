#pragma once

#include "tests/unit/tls_home.hpp"

#include "proxy/tls/session.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <ostream>

namespace paravent::tls {

/// Sessions to resume carry the system's time, so what plays handshakes lives in it.
inline Seconds now_s()
{
    return std::time(nullptr);
}

/// A line in memory: what one end gives, the other takes. At most `grain` bytes move in one call.
struct Line {
    std::string to_client, to_server;
    std::size_t grain = std::size_t{1} << 20;
    std::size_t room = std::size_t{1} << 20; ///< a direction takes no more than this before somebody reads it
    bool client_gone = false, server_gone = false;
};

class LineEnd final : public Transport {
public:
    LineEnd(Line& line, bool is_client)
        : line_(line), in_(is_client ? line.to_client : line.to_server),
          out_(is_client ? line.to_server : line.to_client), peer_gone_(is_client ? line.server_gone : line.client_gone)
    {
    }
    boost::system::result<std::size_t> take(std::span<char> into) noexcept override
    {
        if (in_.empty() && peer_gone_)
            return std::size_t{0};
        const auto n = std::min({into.size(), in_.size(), line_.grain});
        if (n == 0)
            return make_error_code(boost::system::errc::operation_would_block);
        in_.copy(into.data(), n);
        in_.erase(0, n);
        return n;
    }
    boost::system::result<std::size_t> give(std::string_view bytes) noexcept override
    {
        if (peer_gone_)
            return make_error_code(boost::system::errc::broken_pipe);
        const auto n = std::min({bytes.size(), line_.grain, line_.room - std::min(line_.room, out_.size())});
        if (n == 0)
            return make_error_code(boost::system::errc::resource_unavailable_try_again);
        out_.append(bytes.substr(0, n));
        return n;
    }

private:
    Line& line_;
    std::string &in_, &out_;
    const bool& peer_gone_;
};

/// A line with its two ends.
struct Wire {
    Line line;
    LineEnd client{line, true}, server{line, false};
};

using Outcome = Session::Outcome;

inline std::ostream& operator<<(std::ostream& os, Outcome outcome)
{
    return os << static_cast<int>(outcome);
}

inline bool waits(Outcome outcome)
{
    return outcome == Outcome::wants_read || outcome == Outcome::wants_write;
}

/// Both ends' handshakes, turn by turn, until both are over or nothing moves any more.
inline std::pair<Outcome, Outcome> shake_hands(Session& client, Session& server)
{
    auto c = Outcome::wants_read, s = Outcome::wants_read;
    int alone = 0; // turns since one of them was over: it may have said why
    for (int turn = 0; turn < 100'000 && alone < 20'000 && (waits(c) || waits(s)); ++turn) {
        if (waits(c))
            c = client.handshake();
        if (waits(s))
            s = server.handshake();
        char none{};
        if (c == Outcome::done && waits(s))
            client.read({&none, 1}); // the server's tickets must find room
        alone += waits(c) != waits(s) ? 1 : 0;
    }
    return {c, s};
}

/// What one end can read now.
inline std::string read_all(Session& session, Outcome& last)
{
    std::string out(std::size_t{64} * 1024, '\0');
    std::size_t size = 0;
    for (;;) {
        const auto moved = session.read(std::span(out).subspan(size));
        last = moved.outcome;
        if (moved.outcome != Outcome::done)
            return out.substr(0, size);
        size += moved.bytes;
        if (size == out.size())
            out.resize(2 * size);
    }
}

inline std::string read_all(Session& session)
{
    Outcome ignored{};
    return read_all(session, ignored);
}

/// A stand-in for the world's authorities and servers: certificates of any kind under one root.
struct World {
    Key root_key = make_key();
    Certificate root = make_root(root_key.get(), "The world's root");

    static Certificate make_root(EVP_PKEY* key, std::string_view name)
    {
        auto root = start_certificate(key, name, {now_s() - 100 * day, now_s() + 1000 * day});
        add_extension(root.get(), NID_basic_constraints, "critical,CA:TRUE");
        add_extension(root.get(), NID_key_usage, "critical,keyCertSign,cRLSign,digitalSignature");
        add_extension(root.get(), NID_subject_key_identifier, "hash");
        sign(root.get(), root.get(), key);
        return root;
    }
};

/// A server's certificate and key, and how it behaves.
struct Origin {
    Certificate certificate, intermediate;
    Key key;
    int most_version = TLS1_3_VERSION;
    const char* ciphers = nullptr; ///< of TLS 1.2 and before
    bool asks_for_certificate = false;
    std::string protocols; ///< what it speaks inside, in the order it likes
    std::string staple;    ///< DER

    Context context() const;
};

inline int origin_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                           unsigned offered_size, void* protocols)
{
    const auto& list = *static_cast<const std::string*>(protocols);
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(list.data()),
                              static_cast<unsigned>(list.size()), offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

inline int origin_staple(SSL* ssl, void* staple)
{
    const auto& bytes = *static_cast<const std::string*>(staple);
    if (bytes.empty())
        return SSL_TLSEXT_ERR_NOACK;
    SSL_set_tlsext_status_ocsp_resp(ssl, OPENSSL_memdup(bytes.data(), bytes.size()), static_cast<long>(bytes.size()));
    return SSL_TLSEXT_ERR_OK;
}

/// Valid as long as the origin.
inline Context Origin::context() const
{
    Context made{SSL_CTX_new(TLS_server_method())};
    SSL_CTX_set_security_level(made.get(), 0); // it has no scruples
    SSL_CTX_set_min_proto_version(made.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(made.get(), most_version);
    if (ciphers != nullptr)
        SSL_CTX_set_cipher_list(made.get(), ciphers);
    SSL_CTX_use_certificate(made.get(), certificate.get());
    SSL_CTX_use_PrivateKey(made.get(), key.get());
    if (intermediate)
        SSL_CTX_add1_chain_cert(made.get(), intermediate.get());
    SSL_CTX_set_alpn_select_cb(made.get(), origin_protocol, const_cast<std::string*>(&protocols));
    SSL_CTX_set_tlsext_status_cb(made.get(), origin_staple);
    SSL_CTX_set_tlsext_status_arg(made.get(), const_cast<std::string*>(&staple));
    SSL_CTX_set_session_id_context(made.get(), reinterpret_cast<const unsigned char*>("origin"), 6);
    if (asks_for_certificate)
        SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    return made;
}

/// Any end of a line from a context of the test's own.
inline std::unique_ptr<Session> end_of(const Context& context, Transport& transport, bool is_client)
{
    Ssl ssl{SSL_new(context.get())};
    if (is_client)
        SSL_set_connect_state(ssl.get());
    else
        SSL_set_accept_state(ssl.get());
    return std::make_unique<Session>(std::move(ssl), transport);
}

} // namespace paravent::tls
