#include "proxy/tls/signing.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <ctime>

namespace paravent::tls {
namespace {

using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>>;
using Constraints = std::unique_ptr<NAME_CONSTRAINTS, Release<NAME_CONSTRAINTS_free>>;

/// Nobody's: .invalid is reserved (RFC 2606).
constexpr std::string_view nobody = "paravent.invalid";

ASN1_IA5STRING* ia5(std::string_view text)
{
    auto* string = ASN1_IA5STRING_new();
    require(string != nullptr && ASN1_STRING_set(string, text.data(), static_cast<int>(text.size())) == 1,
            "writing a name");
    return string;
}

GENERAL_NAME* text_name(int type, std::string_view text)
{
    auto* name = GENERAL_NAME_new();
    require(name != nullptr, "writing a name");
    GENERAL_NAME_set0_value(name, type, ia5(text));
    return name;
}

/// All addresses of a version: an address and its mask (RFC 5280, section 4.2.1.10), zeros both.
GENERAL_NAME* every_address(int width)
{
    static constexpr std::array<unsigned char, 32> zeros{};
    auto* name = GENERAL_NAME_new();
    auto* bytes = ASN1_OCTET_STRING_new();
    require(name != nullptr && bytes != nullptr && ASN1_OCTET_STRING_set(bytes, zeros.data(), 2 * width) == 1,
            "writing an address");
    GENERAL_NAME_set0_value(name, GEN_IPADD, bytes);
    return name;
}

void add_subtree(STACK_OF(GENERAL_SUBTREE) * &trees, GENERAL_NAME* base)
{
    if (trees == nullptr)
        trees = sk_GENERAL_SUBTREE_new_null();
    auto* tree = GENERAL_SUBTREE_new();
    require(trees != nullptr && tree != nullptr, "writing a constraint");
    GENERAL_NAME_free(tree->base);
    tree->base = base;
    require(sk_GENERAL_SUBTREE_push(trees, tree) > 0, "writing a constraint");
}

void set_serial(X509* certificate)
{
    const Number serial{BN_new()};
    do
        require(serial != nullptr && BN_rand(serial.get(), 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1,
                "drawing a serial number");
    while (BN_is_zero(serial.get()));
    require(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr, "setting a serial number");
}

} // namespace

Key make_key()
{
    Key key{EVP_EC_gen("P-256")};
    require(key != nullptr, "making a key");
    return key;
}

Certificate start_certificate(EVP_PKEY* key, std::string_view subject, Validity validity)
{
    Certificate certificate{X509_new()};
    require(certificate != nullptr && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                X509_set_pubkey(certificate.get(), key) == 1 &&
                ASN1_TIME_set(X509_getm_notBefore(certificate.get()), validity.from) != nullptr &&
                ASN1_TIME_set(X509_getm_notAfter(certificate.get()), validity.to) != nullptr,
            "beginning a certificate");
    set_serial(certificate.get());
    if (!subject.empty())
        require(X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, MBSTRING_ASC,
                                           reinterpret_cast<const unsigned char*>(subject.data()),
                                           static_cast<int>(subject.size()), -1, 0) == 1,
                "naming a certificate");
    return certificate;
}

void add_extension(X509* certificate, int nid, const char* value, X509* issuer)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer != nullptr ? issuer : certificate, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> extension{
        X509V3_EXT_conf_nid(nullptr, &context, nid, value)};
    require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "adding an extension");
}

void add_names(X509* certificate, std::span<const std::string> hosts)
{
    const Names names{GENERAL_NAMES_new()};
    require(names != nullptr, "writing names");
    for (const auto& host : hosts)
        require(sk_GENERAL_NAME_push(names.get(), text_name(GEN_DNS, host)) > 0, "writing names");
    require(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 1, X509V3_ADD_DEFAULT) == 1,
            "adding names");
}

void add_constraint(X509* certificate, std::span<const std::string> domains)
{
    // Without a permitted name every name would be permitted.
    require(!domains.empty(), "a constraint without a domain");
    const Constraints constraints{NAME_CONSTRAINTS_new()};
    require(constraints != nullptr, "writing a constraint");
    for (const auto& domain : domains)
        add_subtree(constraints->permittedSubtrees, text_name(GEN_DNS, domain));
    add_subtree(constraints->permittedSubtrees, text_name(GEN_EMAIL, nobody));
    add_subtree(constraints->permittedSubtrees, text_name(GEN_URI, nobody));
    add_subtree(constraints->excludedSubtrees, every_address(sizeof(in_addr)));
    add_subtree(constraints->excludedSubtrees, every_address(sizeof(in6_addr)));
    require(X509_add1_ext_i2d(certificate, NID_name_constraints, constraints.get(), 1, X509V3_ADD_DEFAULT) == 1,
            "adding a constraint");
}

std::vector<std::string> constraint_of(X509* certificate)
{
    std::vector<std::string> domains;
    int critical = 0;
    const Constraints constraints{
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(certificate, NID_name_constraints, &critical, nullptr))};
    if (constraints == nullptr || critical != 1)
        return domains;
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees); ++i) {
        const auto* base = sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i)->base;
        if (base->type == GEN_DNS)
            domains.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(base->d.dNSName)),
                                 static_cast<std::size_t>(ASN1_STRING_length(base->d.dNSName)));
    }
    return domains;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key)
{
    require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
                X509_sign(certificate, issuer_key, EVP_sha256()) > 0,
            "signing a certificate");
}

Validity validity_of(const X509* certificate)
{
    const auto seconds = [](const ASN1_TIME* time) {
        std::tm utc{};
        require(ASN1_TIME_to_tm(time, &utc) == 1, "reading a date");
        return static_cast<Seconds>(timegm(&utc));
    };
    return {seconds(X509_get0_notBefore(certificate)), seconds(X509_get0_notAfter(certificate))};
}

std::string fingerprint_of(const X509* certificate)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    require(X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1, "taking a fingerprint");
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
        text += i == 0 ? "" : ":";
        text += "0123456789ABCDEF"[digest[i] >> 4];
        text += "0123456789ABCDEF"[digest[i] & 15];
    }
    return text;
}

std::string authority_id_of(const X509* root)
{
    constexpr std::size_t size = 16;
    std::string id;
    for (const char c : fingerprint_of(root))
        if (c != ':' && id.size() < size)
            id += static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c);
    return id;
}

std::string common_name_of(const X509* certificate)
{
    std::array<char, 128> text{};
    const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text.data(),
                                               static_cast<int>(text.size()));
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string{};
}

std::string der_of(const X509* certificate)
{
    const int size = i2d_X509(certificate, nullptr);
    require(size > 0, "writing a certificate");
    std::string der(static_cast<std::size_t>(size), '\0');
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate, &at);
    return der;
}

std::string pem_of(const X509* certificate)
{
    const Bio bio{BIO_new(BIO_s_mem())};
    require(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1, "writing a certificate");
    return std::string(bytes_of(bio.get()));
}

} // namespace paravent::tls
