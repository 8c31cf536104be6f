#include "proxy/tls/authorities.hpp"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

namespace paravent::tls {
namespace {

// scrypt's cost: 16 MiB for each guess; twice as much is over what `openssl pkey` allows itself.
constexpr std::uint64_t cost = 1 << 14, block = 8, parallel = 1;
constexpr int salt_size = 16;

} // namespace

std::string encrypted_key(EVP_PKEY* key, std::string_view passphrase)
{
    const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Release<PKCS8_PRIV_KEY_INFO_free>> plain{EVP_PKEY2PKCS8(key)};
    std::unique_ptr<X509_ALGOR, Release<X509_ALGOR_free>> method{
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, salt_size, nullptr, cost, block, parallel)};
    require(plain != nullptr && method != nullptr, "preparing a key");
    const std::unique_ptr<X509_SIG, Release<X509_SIG_free>> encrypted{
        PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), plain.get(), method.get())};
    require(encrypted != nullptr, "encrypting a key");
    (void)method.release(); // `encrypted` has it now
    const Bio bio{BIO_new(BIO_s_mem())};
    require(bio != nullptr && PEM_write_bio_PKCS8(bio.get(), encrypted.get()) == 1, "writing a key");
    return std::string(bytes_of(bio.get()));
}

} // namespace paravent::tls
