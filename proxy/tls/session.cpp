#include "proxy/tls/session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>
#include <cstring>

namespace paravent::tls {
namespace {

bool would_block(const boost::system::error_code& error) noexcept
{
    return error == boost::system::errc::operation_would_block ||
           error == boost::system::errc::resource_unavailable_try_again;
}

int int_size(std::size_t size) noexcept
{
    return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

} // namespace

/// A session's transport as OpenSSL reads and writes it.
struct SessionBio {
    static int read(BIO* bio, char* into, int size) noexcept
    {
        auto& session = *static_cast<Session*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        if (size <= 0)
            return 0;
        if (const auto left = session.replayed_.size() - session.replayed_at_; left > 0)
            return replayed(session, {into, std::min(left, static_cast<std::size_t>(size))});
        const auto taken = session.transport_.take({into, static_cast<std::size_t>(size)});
        if (taken && *taken > 0)
            return int_size(*taken);
        if (!taken && would_block(taken.error())) {
            BIO_set_retry_read(bio);
            return -1;
        }
        session.transport_ended_ = true;
        return taken ? 0 : -1;
    }

    static int replayed(Session& session, std::span<char> into) noexcept
    {
        std::memcpy(into.data(), session.replayed_.data() + session.replayed_at_, into.size());
        session.replayed_at_ += into.size();
        if (session.replayed_at_ == session.replayed_.size()) {
            std::string{}.swap(session.replayed_); // to assign an empty one would keep the room
            session.replayed_at_ = 0;
        }
        return int_size(into.size());
    }

    static int write(BIO* bio, const char* bytes, int size) noexcept
    {
        auto& session = *static_cast<Session*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        if (size <= 0)
            return 0;
        const auto given = session.transport_.give({bytes, static_cast<std::size_t>(size)});
        if (given)
            return int_size(*given);
        if (would_block(given.error()))
            BIO_set_retry_write(bio);
        else
            session.transport_ended_ = true;
        return -1;
    }

    static long control(BIO* bio, int command, long, void*) noexcept
    {
        switch (command) {
        case BIO_CTRL_FLUSH:
            return 1;
        case BIO_CTRL_EOF:
            return static_cast<Session*>(BIO_get_data(bio))->transport_ended_ ? 1 : 0;
        default:
            return 0;
        }
    }

    static BIO_METHOD* make_method()
    {
        auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "paravent");
        require(method != nullptr && BIO_meth_set_read(method, read) == 1 && BIO_meth_set_write(method, write) == 1 &&
                    BIO_meth_set_ctrl(method, control) == 1,
                "preparing a transport");
        return method;
    }

    static BIO* make(Session& session)
    {
        static BIO_METHOD* const method = make_method(); // as long as the program: sessions may outlive statics
        auto* bio = BIO_new(method);
        require(bio != nullptr, "making a transport");
        BIO_set_data(bio, &session);
        BIO_set_init(bio, 1);
        return bio;
    }
};

Session::Session(Ssl ssl, Transport& transport)
    : ssl_(std::move(ssl)), transport_(transport), is_server_(SSL_is_server(ssl_.get()) == 1)
{
    auto* bio = SessionBio::make(*this);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    if (is_server_) {
        SSL_set_msg_callback(ssl_.get(), on_message);
        SSL_set_msg_callback_arg(ssl_.get(), this);
    } else {
        SSL_set_cert_cb(ssl_.get(), on_certificate_request, this);
    }
}

Session::~Session()
{
    // OpenSSL would otherwise forbid to resume a session that was not closed by both sides, as those of browsers are.
    if (established_ && failure_.empty())
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_set_app_data(ssl_.get(), nullptr);
}

Session& Session::of(const SSL* ssl) noexcept
{
    return *static_cast<Session*>(SSL_get_app_data(ssl));
}

void Session::replay(std::string bytes)
{
    replayed_ = std::move(bytes);
    replayed_at_ = 0;
}

Session::Outcome Session::outcome_of(int returned) noexcept
{
    const auto reason = SSL_get_error(ssl_.get(), returned);
    switch (reason) {
    case SSL_ERROR_WANT_READ:
        if (established_)
            rest();
        return Outcome::wants_read;
    case SSL_ERROR_WANT_WRITE:
        return Outcome::wants_write;
    case SSL_ERROR_ZERO_RETURN:
        over_ = true;
        return Outcome::ended;
    default:
        break;
    }
    over_ = true;
    const auto code = ERR_peek_error();
    const bool unexpected_end =
        ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    failure_ = take_error();
    if (transport_ended_ && (code == 0 || unexpected_end)) {
        cut_ = true;
        return Outcome::cut;
    }
    if (const auto verdict = SSL_get_verify_result(ssl_.get()); !is_server_ && verdict != X509_V_OK)
        failure_ = X509_verify_cert_error_string(verdict);
    return Outcome::failed;
}

void Session::rest() noexcept
{
    SSL_free_buffers(ssl_.get()); // those with bytes in them stay; SSL_MODE_RELEASE_BUFFERS sometimes leaves others
}

Session::Outcome Session::handshake() noexcept
{
    ERR_clear_error(); // what another session left in this thread's queue would be read as ours
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned != 1)
        return outcome_of(returned);
    established_ = true;
    if (!is_server_)
        SSL_set_tlsext_status_ocsp_resp(ssl_.get(), nullptr, 0); // was judged; some kilobytes
    return Outcome::done;
}

Session::Moved Session::read(std::span<char> into) noexcept
{
    ERR_clear_error();
    const int returned = SSL_read(ssl_.get(), into.data(), int_size(into.size()));
    if (returned <= 0)
        return {outcome_of(returned), 0};
    if (!said_something_ && is_server_)
        SSL_set_msg_callback(ssl_.get(), nullptr); // it is no refusal any more
    said_something_ = true;
    return {Outcome::done, static_cast<std::size_t>(returned)};
}

Session::Moved Session::write(std::string_view bytes) noexcept
{
    if (bytes.empty())
        return {};
    ERR_clear_error();
    const int returned = SSL_write(ssl_.get(), bytes.data(), int_size(bytes.size()));
    if (returned <= 0)
        return {outcome_of(returned), 0};
    return {Outcome::done, static_cast<std::size_t>(returned)};
}

Session::Outcome Session::close() noexcept
{
    if (!established_ || cut_ || !failure_.empty())
        return Outcome::done; // nobody to say it to
    ERR_clear_error();
    const int returned = SSL_shutdown(ssl_.get());
    return returned >= 0 ? Outcome::done : outcome_of(returned);
}

bool Session::holds_bytes() const noexcept
{
    return SSL_has_pending(ssl_.get()) == 1 || !replayed_.empty();
}

std::string_view Session::protocol() const noexcept
{
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

bool Session::resumed() const noexcept
{
    return SSL_session_reused(ssl_.get()) == 1;
}

std::uint16_t Session::version() const noexcept
{
    return static_cast<std::uint16_t>(SSL_version(ssl_.get()));
}

std::optional<Refusal> Session::refusal() const noexcept
{
    if (!is_server_ || !over_ || !certificate_sent_ || said_something_)
        return std::nullopt;
    switch (alert_) {
    case SSL_AD_UNKNOWN_CA:
        return Refusal::unknown_ca;
    case SSL_AD_BAD_CERTIFICATE:
        return Refusal::bad_certificate;
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
        return Refusal::certificate_unknown;
    default:
        return established_ ? Refusal::closed_later : Refusal::closed;
    }
}

void Session::on_message(int written, int, int type, const void* bytes, std::size_t size, SSL*, void* session)
{
    static_cast<Session*>(session)->note_message(written == 1, type, {static_cast<const unsigned char*>(bytes), size});
}

void Session::note_message(bool written, int type, std::span<const unsigned char> message) noexcept
{
    if (written && type == SSL3_RT_HANDSHAKE && !message.empty() && message[0] == SSL3_MT_CERTIFICATE)
        certificate_sent_ = true;
    if (!written && type == SSL3_RT_ALERT && message.size() == 2 && message[1] != SSL_AD_CLOSE_NOTIFY)
        alert_ = message[1];
}

/// OpenSSL asks for the certificate to send only where the origin asked for one: with TLS 1.3 the origin would complain
/// about its absence after the handshake, when it is too late to tunnel.
int Session::on_certificate_request(SSL*, void* session)
{
    static_cast<Session*>(session)->wants_client_certificate_ = true;
    return 0;
}

} // namespace paravent::tls
