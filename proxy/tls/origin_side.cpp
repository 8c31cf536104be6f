#include "proxy/tls/origin_side.hpp"

#include "proxy/tls/settings.hpp"
#include "proxy/tls/staple.hpp"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace paravent::tls {
namespace {

using SslSession = std::unique_ptr<SSL_SESSION, Release<SSL_SESSION_free>>;

constexpr int deepest_chain = 8;
constexpr std::size_t most_tickets = 2; // of one device and host: two connections at once are usual
constexpr int largest_session = 16 * 1024;

int new_session(SSL* ssl, SSL_SESSION* session)
{
    const auto& keep = Session::of(ssl).on_session;
    if (!keep)
        return 0;
    keep(session);
    return 0; // not taken: only what it holds is
}

/// A serialized session without the certificate that its origin showed ([3] of OpenSSL's SSL_SESSION): it was judged,
/// a resumed handshake shows none, and taken apart it is 4 KiB that each resumed connection would hold to its end.
/// Empty where it is no such thing.
std::string without_certificate(std::string_view session)
{
    constexpr int certificate = 3, failed = 0x80;
    const auto* at = reinterpret_cast<const unsigned char*>(session.data());
    const auto* const end = at + session.size();
    long size = 0;
    int tag = 0, kind = 0;
    const int outer = ASN1_get_object(&at, &size, &tag, &kind, end - at);
    std::string content;
    bool whole = outer == V_ASN1_CONSTRUCTED && tag == V_ASN1_SEQUENCE && at + size == end;
    while (whole && at != end) {
        const auto* const begin = at;
        whole = (ASN1_get_object(&at, &size, &tag, &kind, end - at) & failed) == 0;
        if (!whole)
            break;
        at += size;
        if (kind != V_ASN1_CONTEXT_SPECIFIC || tag != certificate)
            content.append(reinterpret_cast<const char*>(begin), static_cast<std::size_t>(at - begin));
    }
    if (!whole) {
        (void)take_error();
        return {};
    }
    const int content_size = static_cast<int>(content.size());
    std::string out(static_cast<std::size_t>(ASN1_object_size(1, content_size, V_ASN1_SEQUENCE)), '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    ASN1_put_object(&to, 1, content_size, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    return out.replace(out.size() - content.size(), content.size(), content);
}

Seconds began_at(const SSL_SESSION* session)
{
#if OPENSSL_VERSION_PREREQ(3, 3) // Debian 13; its OpenSSL calls the other one deprecated
    return SSL_SESSION_get_time_ex(session);
#else
    return SSL_SESSION_get_time(session);
#endif
}

void load(X509_STORE* store, const std::filesystem::path& trust)
{
    if (!trust.empty() && X509_STORE_load_file(store, trust.c_str()) != 1)
        throw std::runtime_error("[tls] trust: " + trust.string() + " holds no certificates that could be read (" +
                                 take_error() + ")");
}

Context make_origin_context(const std::filesystem::path& trust)
{
    auto context = make_context(TLS_client_method());
    require(SSL_CTX_set_default_verify_paths(context.get()) == 1, "finding the system's roots");
    load(SSL_CTX_get_cert_store(context.get()), trust);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_verify_depth(context.get(), deepest_chain);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context.get(), new_session);
    SSL_CTX_set_tlsext_status_cb(context.get(), check_staple);
    return context;
}

/// OpenSSL's defaults are not enough for an interceptor: what it lets pass, no browser sees any more.
void set_verification(SSL* ssl, const std::string& host, Seconds now)
{
    auto* parameters = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(parameters,
                                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    require(X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size()) == 1 &&
                X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER) == 1 &&
                SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
                SSL_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp) == 1,
            "naming an origin");
    if (is_before_build(now))
        require(X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME) == 1, "telling the time");
    else
        X509_VERIFY_PARAM_set_time(parameters, now);
}

} // namespace

void check_trust(const std::filesystem::path& trust)
{
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), X509_STORE_free);
    require(store != nullptr, "making a store of certificates");
    load(store.get(), trust);
}

OriginSide::OriginSide(const std::filesystem::path& trust, std::size_t most_sessions)
    : context_(make_origin_context(trust)), sessions_(most_sessions)
{
}

result<std::unique_ptr<Session>> OriginSide::session(std::string_view device, const std::string& host,
                                                     std::string_view alpn, Transport& transport, Seconds now)
try {
    Ssl ssl{SSL_new(context_.get())};
    require(ssl != nullptr, "beginning a TLS session");
    SSL_set_connect_state(ssl.get());
    set_verification(ssl.get(), host, now);
    if (!alpn.empty())
        require(SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                                    static_cast<unsigned>(alpn.size())) == 0, // here 0 is its yes
                "offering protocols");
    auto key = key_of(device, host);
    resume(ssl.get(), key, now);
    auto session = std::make_unique<Session>(std::move(ssl), transport);
    session->on_session = [this, key = std::move(key)](SSL_SESSION* given) { keep(key, given); };
    return session;
} catch (const LibraryError&) {
    return Error::library;
}

void OriginSide::keep(const std::string& key, SSL_SESSION* session)
{
    const int size = i2d_SSL_SESSION(session, nullptr);
    if (SSL_SESSION_is_resumable(session) != 1 || size <= 0 || size > largest_session)
        return;
    std::string bytes(static_cast<std::size_t>(size), '\0');
    auto* at = reinterpret_cast<unsigned char*>(bytes.data());
    i2d_SSL_SESSION(session, &at);
    bytes = without_certificate(bytes);
    if (bytes.empty())
        return;

    const std::lock_guard lock(mutex_);
    auto* kept = sessions_.find(key);
    if (kept == nullptr)
        kept = &sessions_.put(key, {});
    if (kept->size() >= most_tickets)
        kept->erase(kept->begin());
    kept->push_back(std::move(bytes));
}

void OriginSide::resume(SSL* ssl, const std::string& key, Seconds now)
{
    std::string bytes;
    {
        const std::lock_guard lock(mutex_);
        auto* kept = sessions_.find(key);
        if (kept == nullptr || kept->empty())
            return;
        bytes = std::move(kept->back()); // once: whoever watches the line could tell that both are one device
        kept->pop_back();
    }
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    const SslSession session{d2i_SSL_SESSION(nullptr, &at, static_cast<long>(bytes.size()))};
    if (session == nullptr) {
        (void)take_error();
        return;
    }
    const Seconds began = began_at(session.get());
    if (now >= began - day && now < began + std::min<Seconds>(SSL_SESSION_get_timeout(session.get()), day))
        SSL_set_session(ssl, session.get());
}

void OriginSide::forget_sessions()
{
    const std::lock_guard lock(mutex_);
    sessions_.erase_if([](const auto&, const auto&) { return true; });
}

} // namespace paravent::tls
