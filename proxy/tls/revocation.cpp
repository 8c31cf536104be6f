#include "proxy/tls/revocation.hpp"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <memory>

namespace paravent::tls {
namespace {

constexpr Seconds in_force = 7 * day; // from now on: a laptop that was away keeps a list that is good
constexpr Seconds kept = 60 * 60;

void set_times(X509_CRL* crl, Validity validity)
{
    const std::unique_ptr<ASN1_TIME, Release<ASN1_TIME_free>> from{ASN1_TIME_set(nullptr, validity.from)},
        to{ASN1_TIME_set(nullptr, validity.to)};
    require(from != nullptr && to != nullptr && X509_CRL_set1_lastUpdate(crl, from.get()) == 1 &&
                X509_CRL_set1_nextUpdate(crl, to.get()) == 1,
            "dating a revocation list");
}

void set_number(X509_CRL* crl, Seconds number)
{
    const std::unique_ptr<ASN1_INTEGER, Release<ASN1_INTEGER_free>> value{ASN1_INTEGER_new()};
    require(value != nullptr && ASN1_INTEGER_set_int64(value.get(), number) == 1 &&
                X509_CRL_add1_ext_i2d(crl, NID_crl_number, value.get(), 0, X509V3_ADD_DEFAULT) == 1,
            "numbering a revocation list");
}

void set_issuer(X509_CRL* crl, X509* issuer)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, nullptr, nullptr, crl, 0);
    const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> key{
        X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always")};
    require(key != nullptr && X509_CRL_add_ext(crl, key.get(), -1) == 1 &&
                X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1,
            "naming a revocation list's issuer");
}

} // namespace

std::string crl_address(std::string_view box_name, std::string_view authority, std::string_view crl)
{
    return std::string("http://").append(box_name).append("/authority/").append(authority).append("/").append(crl) +
           ".crl";
}

Crl make_crl(X509* issuer, EVP_PKEY* key, Validity validity, Seconds number)
{
    Crl crl{X509_CRL_new()};
    require(crl != nullptr && X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) == 1, "beginning a revocation list");
    set_issuer(crl.get(), issuer);
    set_times(crl.get(), validity);
    set_number(crl.get(), number);
    require(X509_CRL_sign(crl.get(), key, EVP_sha256()) > 0, "signing a revocation list");
    return crl;
}

void add_crl_address(X509* certificate, const std::string& address)
{
    add_extension(certificate, NID_crl_distribution_points, ("URI:" + address).c_str());
}

std::string der_of(const X509_CRL* crl)
{
    unsigned char* der = nullptr;
    const int size = i2d_X509_CRL(crl, &der);
    require(size > 0, "encoding a revocation list");
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

result<std::string> CrlCache::crl(const Authority& authority, const Issuer& issuer, Seconds now)
try {
    if (is_before_build(now))
        return Error::clock_before_build;
    const auto issuer_validity = validity_of(issuer.certificate.get());
    if (now < issuer_validity.from || now > issuer_validity.to)
        return Error::not_valid_now;
    const auto key = key_of(authority.id(), issuer.crl);
    const std::lock_guard lock(mutex_);
    const auto* entry = crls_.find(key);
    if (entry == nullptr || now < entry->made || now - entry->made >= kept) {
        const Validity validity{std::max(now - backdated, issuer_validity.from), now + in_force};
        const auto made = make_crl(issuer.certificate.get(), issuer.key.get(), validity, now);
        entry = &crls_.put(key, {der_of(made.get()), now});
    }
    return entry->der;
} catch (const LibraryError&) {
    return Error::library;
}

void CrlCache::forget_all()
{
    const std::lock_guard lock(mutex_);
    crls_.erase_if([](const auto&, const auto&) { return true; });
}

} // namespace paravent::tls
