#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

/// OpenSSL's objects with an owner.
namespace paravent::tls {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const noexcept
    {
        release(object);
    }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>; ///< OpenSSL overwrites a private key when it is freed
using Crl = std::unique_ptr<X509_CRL, Release<X509_CRL_free>>;
using Context = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;

/// Another owner of the same certificate.
inline Certificate share(X509* certificate) noexcept
{
    X509_up_ref(certificate);
    return Certificate{certificate};
}

/// The library could not do what it always can: no memory, no random bytes, a build of OpenSSL without elliptic curves.
class LibraryError : public std::runtime_error {
public:
    /// Takes the reason from OpenSSL's queue of errors, and empties it.
    explicit LibraryError(std::string_view doing);
};
/// Throws where `ok` is none of OpenSSL's yeses.
void require(bool ok, std::string_view doing);

/// The oldest of OpenSSL's queued errors as text, and the queue emptied; "" where there is none.
std::string take_error();

/// What a memory BIO holds. The view lives as long as the BIO.
std::string_view bytes_of(BIO* bio) noexcept;
/// Room in memory whose every page is overwritten when it is freed.
Bio secret_memory();
/// A BIO that reads from `bytes`.
Bio reading_from(std::string_view bytes);

} // namespace paravent::tls
