#include "proxy/tls/authority.hpp"

#include "proxy/tls/authorities.hpp"
#include "proxy/tls/revocation.hpp"
#include "proxy/tls/signing.hpp"
#include "rules/domains.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>

namespace paravent::tls {
namespace {

Seconds days_left(Seconds now, Seconds until) noexcept
{
    return until <= now ? 0 : (until - now + day - 1) / day;
}

Certificate next_certificate(BIO* bio)
{
    return Certificate{PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)};
}

/// The passphrase behind `given`; nobody is asked where it is empty: our own files have none.
int give_passphrase(char* into, int size, int, void* given)
{
    const auto& passphrase = *static_cast<const std::string_view*>(given);
    if (passphrase.empty() || passphrase.size() > static_cast<std::size_t>(size))
        return -1;
    passphrase.copy(into, passphrase.size());
    return static_cast<int>(passphrase.size());
}

/// It has to stand at the end: who reads a certificate or key skips what comes before it.
Crl next_crl(BIO* bio, X509* root)
{
    Crl crl{PEM_read_bio_X509_CRL(bio, nullptr, nullptr, nullptr)};
    const auto code = ERR_peek_last_error();
    (void)take_error();
    if (crl == nullptr && ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE)
        return crl;
    if (crl == nullptr || X509_CRL_verify(crl.get(), X509_get0_pubkey(root)) != 1) {
        (void)take_error();
        throw AuthorityError("its revocation list is not the root's");
    }
    return crl;
}

/// @param crl the name of its revocation list, if it may sign one
Issuer read_issuer(BIO* bio, X509* root, std::string_view passphrase, std::string_view crl)
{
    Issuer issuer;
    issuer.certificate = next_certificate(bio);
    issuer.key.reset(PEM_read_bio_PrivateKey(bio, nullptr, give_passphrase, &passphrase));
    const auto* what = passphrase.empty() ? "it ends too early" : "the passphrase is another, or it ends too early";
    if (issuer.certificate != nullptr && issuer.key != nullptr) {
        issuer.domains = constraint_of(issuer.certificate.get());
        if (X509_check_private_key(issuer.certificate.get(), issuer.key.get()) != 1)
            what = "a key does not belong to its certificate";
        else if (X509_verify(issuer.certificate.get(), X509_get0_pubkey(root)) != 1)
            what = "the root has not signed an intermediate";
        else if (issuer.domains.empty())
            what = "an intermediate could sign for any name";
        else {
            if ((X509_get_key_usage(issuer.certificate.get()) & KU_CRL_SIGN) != 0)
                issuer.crl = crl;
            return issuer;
        }
    }
    (void)take_error();
    throw AuthorityError(what);
}

} // namespace

bool Issuer::covers(std::string_view host) const noexcept
{
    return std::any_of(domains.begin(), domains.end(),
                       [host](const auto& domain) { return rules::is_or_below(host, domain); });
}

Authority::Authority(Certificate root, Crl root_crl, Issuer meta, Issuer box)
    : root_(std::move(root)), root_crl_(std::move(root_crl)), meta_(std::move(meta)), box_(std::move(box)),
      id_(authority_id_of(root_.get())), fingerprint_(fingerprint_of(root_.get())), name_(common_name_of(root_.get()))
{
    const auto validity = validity_of(root_.get());
    not_before_ = validity.from;
    created_ = validity.from + backdated;
    not_after_ = validity.to;
}

Authority Authority::from_text(std::string_view text, std::string_view passphrase)
{
    const auto bio = reading_from(text);
    auto root = next_certificate(bio.get());
    if (root == nullptr) {
        (void)take_error();
        throw AuthorityError("it does not begin with a certificate");
    }
    auto meta = read_issuer(bio.get(), root.get(), passphrase, "meta");
    auto box = read_issuer(bio.get(), root.get(), passphrase, "box");
    auto crl = next_crl(bio.get(), root.get());
    return {std::move(root), std::move(crl), std::move(meta), std::move(box)};
}

namespace {

bool write_key(BIO* bio, EVP_PKEY* key, std::string_view passphrase)
{
    if (passphrase.empty())
        return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
    const auto text = encrypted_key(key, passphrase);
    return BIO_write(bio, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size());
}

} // namespace

Bio Authority::text(std::string_view passphrase) const
{
    auto bio = secret_memory();
    bool ok = PEM_write_bio_X509(bio.get(), root_.get()) == 1;
    for (const auto* issuer : {&meta_, &box_})
        ok = ok && PEM_write_bio_X509(bio.get(), issuer->certificate.get()) == 1 &&
             write_key(bio.get(), issuer->key.get(), passphrase);
    if (root_crl_ != nullptr)
        ok = ok && PEM_write_bio_X509_CRL(bio.get(), root_crl_.get()) == 1;
    require(ok, "writing the authority");
    return bio;
}

std::string Authority::validity_notice(Seconds now) const
{
    const auto left = days_left(now, not_after_);
    if (is_before_build(now))
        return {};
    if (now < not_before_)
        return "The certificate authority " + name_ +
               " is not valid yet by this computer's clock, so nothing is decrypted for devices that trust no other: "
               "set the clock; where it is right, `paravent authority remove --fingerprint " +
               fingerprint_.substr(0, 11) +
               "` forgets that one, and `create` (`renew` beside another one) makes a new one";
    if (left > 90)
        return {};
    if (left == 0)
        return "The certificate authority " + name_ +
               " has expired, so nothing is decrypted for devices that trust no other; `paravent authority renew` "
               "makes "
               "a second one";
    const std::string days = left == 1 ? "1 day" : std::to_string(left) + " days";
    if (left > 30)
        return "The certificate authority " + name_ + " expires in " + days +
               "; `paravent authority renew` makes a second one beside it, for the devices to move to";
    return "The certificate authority " + name_ + " expires in " + days +
           ": make a second one now (`paravent authority renew`), and install it on every device";
}

const Issuer* Authority::issuer_for(std::string_view host) const noexcept
{
    if (meta_.covers(host))
        return &meta_;
    return box_.covers(host) ? &box_ : nullptr;
}

std::string Authority::crl_address(std::string_view crl) const
{
    return tls::crl_address(box_.domains.front(), id_, crl);
}

} // namespace paravent::tls
