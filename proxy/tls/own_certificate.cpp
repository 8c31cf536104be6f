#include "proxy/tls/own_certificate.hpp"

#include "proxy/files/file.hpp"
#include "proxy/tls/clock.hpp"
#include "proxy/tls/settings.hpp"
#include "rules/domains.hpp"

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace paravent::tls {
namespace {

constexpr Seconds lifetime = 398 * day; // more, and Apple's devices take it from nobody
constexpr Seconds renewed_before_end = 30 * day;
constexpr std::size_t largest = 64 * 1024;
constexpr std::size_t most_addresses = 16; // those of IPv6 come and go

bool is_for(X509* certificate, const std::string& name)
{
    return X509_check_host(certificate, name.data(), name.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

bool is_for_address(X509* certificate, const std::string& address)
{
    return X509_check_ip_asc(certificate, address.c_str(), 0) == 1;
}

std::vector<std::string> addresses_of(X509* certificate)
{
    std::vector<std::string> out;
    const std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>> names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_IPADD)
            continue;
        const auto size = ASN1_STRING_length(name->d.iPAddress);
        std::array<char, INET6_ADDRSTRLEN> text{};
        if ((size == sizeof(in_addr) || size == sizeof(in6_addr)) &&
            ::inet_ntop(size == sizeof(in_addr) ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress),
                        text.data(), text.size()) != nullptr)
            out.emplace_back(text.data());
    }
    return out;
}

/// As x509v3_config(5) has it.
std::string subject_names(std::span<const std::string> names, std::span<const std::string> addresses)
{
    std::string out;
    const auto add = [&out](std::string_view kind, const std::string& name) {
        out.append(out.empty() ? "" : ",").append(kind).append(name);
    };
    for (const auto& name : names)
        if (rules::normal_host(name) == name) // what a settings file says must not become another field
            add("DNS:", name);
    for (const auto& address : addresses)
        add("IP:", address);
    return out;
}

} // namespace

void OwnCertificate::put(Certificate certificate, Key key)
{
    auto context = make_context(TLS_server_method());
    require(SSL_CTX_use_cert_and_key(context.get(), certificate.get(), key.get(), nullptr, 1) == 1,
            "preparing a TLS context");
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    certificate_ = std::move(certificate);
    context_ = std::move(context);
}

/// What is not in order is as if it were not there: nothing but a browser's question hangs on it.
void OwnCertificate::load()
{
    loaded_ = true;
    auto content = files::read_file(file_, largest);
    if (!content)
        return;
    {
        const auto bio = reading_from(content->text);
        Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
        Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, [](char*, int, int, void*) { return -1; }, nullptr)};
        if (certificate != nullptr && key != nullptr && X509_check_private_key(certificate.get(), key.get()) == 1)
            put(std::move(certificate), std::move(key));
        (void)take_error();
    }
    OPENSSL_cleanse(content->text.data(), content->text.size());
}

bool OwnCertificate::serves(std::span<const std::string> names, std::span<const std::string> addresses,
                            Seconds now) const
{
    if (certificate_ == nullptr)
        return false;
    if (is_before_build(now))
        return true;
    const auto validity = validity_of(certificate_.get());
    return now >= validity.from && now + renewed_before_end < validity.to &&
           std::ranges::all_of(
               names, [&](const auto& name) { return is_for(certificate_.get(), name); }) &&
           std::ranges::all_of(
               addresses, [&](const auto& address) { return is_for_address(certificate_.get(), address); });
}

void OwnCertificate::make(std::span<const std::string> names, std::span<const std::string> addresses, Seconds now)
{
    std::vector<std::string> all(addresses.begin(), addresses.end());
    if (certificate_ != nullptr)
        for (auto& address : addresses_of(certificate_.get()))
            if (all.size() < most_addresses && std::ranges::find(all, address) == all.end())
                all.push_back(std::move(address));
    auto key = make_key();
    const Validity validity{now - backdated, now - backdated + lifetime - 1};
    auto made = start_certificate(key.get(), "Paravent, this box itself", validity);
    auto* certificate = made.get();
    add_extension(certificate, NID_subject_alt_name, subject_names(names, all).c_str());
    add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, NID_ext_key_usage, "serverAuth");
    add_extension(certificate, NID_subject_key_identifier, "hash");
    sign(certificate, certificate, key.get());

    const auto text = secret_memory();
    require(PEM_write_bio_X509(text.get(), certificate) == 1 &&
                PEM_write_bio_PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "writing the box's certificate");
    (void)files::write_whole(file_, bytes_of(text.get())); // unwritable: another one after the next start
    put(std::move(made), std::move(key));
}

result<std::unique_ptr<Session>> OwnCertificate::session(std::span<const std::string> names,
                                                         std::span<const std::string> addresses, Transport& transport,
                                                         Seconds now)
try {
    Ssl ssl;
    {
        const std::lock_guard lock(mutex_);
        if (!loaded_)
            load();
        if (!serves(names, addresses, now)) {
            if (is_before_build(now))
                return Error::clock_before_build;
            make(names, addresses, now);
        }
        ssl.reset(SSL_new(context_.get()));
    }
    require(ssl != nullptr, "beginning a TLS session");
    SSL_set_accept_state(ssl.get());
    return std::make_unique<Session>(std::move(ssl), transport);
} catch (const LibraryError&) {
    return Error::library;
}

bool OwnCertificate::is_there(Seconds now)
{
    const std::lock_guard lock(mutex_);
    if (!loaded_)
        load();
    return certificate_ != nullptr || !is_before_build(now);
}

} // namespace paravent::tls
