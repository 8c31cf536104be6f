#include "proxy/tls/settings.hpp"

namespace paravent::tls {
namespace {

constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";
constexpr const char* signatures =
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:"
    "RSA+SHA512";
constexpr const char* groups = "X25519:P-256:P-384:P-521";
constexpr const char* post_quantum_groups = "X25519MLKEM768:X25519:P-256:P-384:P-521"; // OpenSSL 3.5 on

} // namespace

Context make_context(const SSL_METHOD* method)
{
    Context context{SSL_CTX_new(method)};
    require(context != nullptr, "making a TLS context");
    SSL_CTX_set_security_level(context.get(), 2);
    require(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                SSL_CTX_set_cipher_list(context.get(), tls12_ciphers) == 1 &&
                SSL_CTX_set1_sigalgs_list(context.get(), signatures) == 1,
            "choosing ciphers");
    if (SSL_CTX_set1_groups_list(context.get(), post_quantum_groups) != 1) {
        (void)take_error();
        require(SSL_CTX_set1_groups_list(context.get(), groups) == 1, "choosing groups");
    }
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
    return context;
}

} // namespace paravent::tls
