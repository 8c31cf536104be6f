#include "proxy/tls/staple.hpp"

#include "proxy/tls/clock.hpp"
#include "proxy/tls/openssl.hpp"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

namespace paravent::tls {
namespace {

using Response = std::unique_ptr<OCSP_RESPONSE, Release<OCSP_RESPONSE_free>>;
using Basic = std::unique_ptr<OCSP_BASICRESP, Release<OCSP_BASICRESP_free>>;
using CertificateId = std::unique_ptr<OCSP_CERTID, Release<OCSP_CERTID_free>>;

constexpr Seconds skew = 300; // clocks of two servers

bool promises_staple(X509* certificate)
{
    constexpr long status_request = 5;
    const std::unique_ptr<TLS_FEATURE, Release<TLS_FEATURE_free>> features{
        static_cast<TLS_FEATURE*>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr))};
    for (int i = 0; features != nullptr && i < sk_ASN1_INTEGER_num(features.get()); ++i)
        if (ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == status_request)
            return true;
    return false;
}

/// Whether a single answer is about this certificate, by whatever hash it names it.
bool is_about(OCSP_SINGLERESP* answer, X509* certificate, X509* issuer)
{
    auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(answer));
    ASN1_OBJECT* algorithm = nullptr;
    OCSP_id_get0_info(nullptr, &algorithm, nullptr, nullptr, id);
    const auto* digest = EVP_get_digestbyobj(algorithm);
    if (digest == nullptr)
        return false;
    const CertificateId ours{OCSP_cert_to_id(digest, certificate, issuer)};
    return ours != nullptr && OCSP_id_cmp(ours.get(), id) == 0;
}

/// Judged by the verifier's time; where that is not to be trusted (table I10), any date will do.
bool is_current(const ASN1_GENERALIZEDTIME* from, const ASN1_GENERALIZEDTIME* to, const X509_VERIFY_PARAM* parameters)
{
    if ((X509_VERIFY_PARAM_get_flags(const_cast<X509_VERIFY_PARAM*>(parameters)) & X509_V_FLAG_NO_CHECK_TIME) != 0)
        return true;
    const auto now = X509_VERIFY_PARAM_get_time(parameters);
    return from != nullptr && ASN1_TIME_cmp_time_t(from, now + skew) <= 0 && to != nullptr &&
           ASN1_TIME_cmp_time_t(to, now - skew) >= 0;
}

bool says_good(OCSP_BASICRESP* basic, X509* certificate, X509* issuer, const X509_VERIFY_PARAM* parameters)
{
    for (int i = 0; i < OCSP_resp_count(basic); ++i) {
        auto* answer = OCSP_resp_get0(basic, i);
        if (!is_about(answer, certificate, issuer))
            continue;
        ASN1_GENERALIZEDTIME *from = nullptr, *to = nullptr;
        const int status = OCSP_single_get0_status(answer, nullptr, nullptr, &from, &to);
        return status == V_OCSP_CERTSTATUS_GOOD && is_current(from, to, parameters);
    }
    return false;
}

} // namespace

int check_staple(SSL* ssl, void*)
{
    auto* certificate = SSL_get0_peer_certificate(ssl);
    const unsigned char* bytes = nullptr;
    const long size = SSL_get_tlsext_status_ocsp_resp(ssl, &bytes);
    if (bytes == nullptr || size <= 0)
        return certificate != nullptr && promises_staple(certificate) ? 0 : 1;

    auto* chain = SSL_get0_verified_chain(ssl);
    if (certificate == nullptr || chain == nullptr || sk_X509_num(chain) < 2)
        return 0;
    const Response response{d2i_OCSP_RESPONSE(nullptr, &bytes, size)};
    if (response == nullptr || OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return 0;
    const Basic basic{OCSP_response_get1_basic(response.get())};
    // Signed by the issuer itself, or by one whom it appointed.
    if (basic == nullptr || OCSP_basic_verify(basic.get(), chain, SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)), 0) != 1)
        return 0;
    return says_good(basic.get(), certificate, sk_X509_value(chain, 1), SSL_get0_param(ssl)) ? 1 : 0;
}

} // namespace paravent::tls
