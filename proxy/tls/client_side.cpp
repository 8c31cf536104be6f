#include "proxy/tls/client_side.hpp"

#include "proxy/tls/settings.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace paravent::tls {
namespace {

constexpr long ticket_lifetime = 2 * 60 * 60; // seconds

/// The client takes the protocol that its own session was told, if it offered it.
int choose_protocol(SSL* ssl, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*)
{
    const auto& wanted = Session::of(ssl).chosen_protocol;
    std::array<unsigned char, 256> list{static_cast<unsigned char>(wanted.size())};
    if (wanted.empty() || wanted.size() >= list.size())
        return SSL_TLSEXT_ERR_NOACK;
    std::copy(wanted.begin(), wanted.end(), list.begin() + 1);
    unsigned char* found = nullptr; // lies in the first of the two lists
    if (SSL_select_next_proto(&found, size, offered, offered_size, list.data(),
                              static_cast<unsigned>(wanted.size() + 1)) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

Context make_client_context(const Leaf& leaf, const std::string& key)
{
    auto context = make_context(TLS_server_method());
    std::array<unsigned char, SHA256_DIGEST_LENGTH> id{};
    SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), id.data());
    require(SSL_CTX_use_cert_and_key(context.get(), leaf.certificate.get(), leaf.key.get(), nullptr, 1) == 1 &&
                SSL_CTX_add1_chain_cert(context.get(), leaf.intermediate.get()) == 1 &&
                SSL_CTX_set_session_id_context(context.get(), id.data(), static_cast<unsigned>(id.size())) == 1,
            "preparing a TLS context");
    // Sessions live in the clients' tickets alone; each context has drawn its own keys for them.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_timeout(context.get(), ticket_lifetime);
    SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
    return context;
}

Context share(const Context& context) noexcept
{
    SSL_CTX_up_ref(context.get());
    return Context{context.get()};
}

} // namespace

result<Context> ClientSide::context(const Authority& authority, std::string_view device, const std::string& host,
                                    Seconds now)
{
    auto leaf = leaves_.leaf(authority, host, now);
    if (!leaf)
        return leaf.error();
    const auto key = key_of(authority.id(), device, host);
    {
        const std::lock_guard lock(mutex_);
        if (const auto* entry = contexts_.find(key); entry != nullptr && entry->leaf == *leaf)
            return share(entry->context);
    }
    auto made = make_client_context(**leaf, key); // without the lock: it takes half a millisecond
    const std::lock_guard lock(mutex_);
    // Who made one at the same time gave tickets already.
    if (const auto* entry = contexts_.find(key); entry != nullptr && entry->leaf == *leaf)
        return share(entry->context);
    return share(contexts_.put(key, {std::move(*leaf), std::move(made)}).context);
}

result<std::unique_ptr<Session>> ClientSide::session(const Authority& authority, std::string_view device,
                                                     const std::string& host, std::string protocol,
                                                     Transport& transport, Seconds now)
try {
    const auto chosen = context(authority, device, host, now);
    if (!chosen)
        return chosen.error();
    Ssl ssl{SSL_new(chosen->get())};
    require(ssl != nullptr, "beginning a TLS session");
    SSL_set_accept_state(ssl.get());
    auto session = std::make_unique<Session>(std::move(ssl), transport);
    session->chosen_protocol = std::move(protocol);
    return session;
} catch (const LibraryError&) {
    return Error::library;
}

void ClientSide::forget_all()
{
    leaves_.forget_all();
    const std::lock_guard lock(mutex_);
    contexts_.erase_if([](const auto&, const auto&) { return true; });
}

std::size_t ClientSide::size() const
{
    const std::lock_guard lock(mutex_);
    return contexts_.size();
}

} // namespace paravent::tls
