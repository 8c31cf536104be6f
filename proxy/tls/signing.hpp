#pragma once

#include "proxy/tls/clock.hpp"
#include "proxy/tls/openssl.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Certificates made of parts (RFC 5280). All throw LibraryError.
namespace paravent::tls {

/// A fresh P-256 key in ordinary memory, overwritten when it is freed. (OpenSSL's secure heap is for the whole process
/// and of one size: the sessions' ephemeral keys would fill it, and then every handshake fails.)
Key make_key();

/// Devices' clocks are not all right: what is made now was valid two days ago.
inline constexpr Seconds backdated = 2 * day;

struct Validity {
    Seconds from = 0, to = 0; ///< both moments are inside
};

/// A certificate without a signature: version 3, a random positive 128-bit serial, the public part of `key`.
/// `subject`: the common name; empty: no subject at all.
Certificate start_certificate(EVP_PKEY* key, std::string_view subject, Validity validity);

/// An extension from OpenSSL's words for its value, such as "critical,CA:FALSE" (x509v3_config(5)). `issuer`: whose
/// key identifier is meant; may be null.
void add_extension(X509* certificate, int nid, const char* value, X509* issuer = nullptr);

/// Names that a certificate is for; critical, for there is no subject beside it (RFC 5280, section 4.2.1.6).
void add_names(X509* certificate, std::span<const std::string> hosts);

/// What an intermediate may sign for, critical (RFC 5280, section 4.2.1.10): `domains` and what lies below them, no
/// address of either version. E-mail addresses and URIs are permitted below one name that cannot exist, so none is.
void add_constraint(X509* certificate, std::span<const std::string> domains);
/// The permitted domains; empty where the certificate is not constrained, or not by a critical extension.
std::vector<std::string> constraint_of(X509* certificate);

/// Names the issuer and signs with SHA-256.
void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key);

Validity validity_of(const X509* certificate);
/// "AB:CD:…", the SHA-256 of the whole certificate, as devices show it.
std::string fingerprint_of(const X509* certificate);
/// Authority::id from the root's certificate: the fingerprint's first 16 digits, in small letters.
std::string authority_id_of(const X509* root);
std::string common_name_of(const X509* certificate);
std::string der_of(const X509* certificate);
std::string pem_of(const X509* certificate);

} // namespace paravent::tls
