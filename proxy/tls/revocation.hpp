#pragma once

#include "proxy/tls/authority.hpp"
#include "proxy/tls/error.hpp"
#include "proxy/tls/least_recent.hpp"
#include "proxy/tls/signing.hpp"

#include <mutex>
#include <string>
#include <string_view>

/// Certificate revocation lists (RFC 5280, section 5) that the box serves itself. Nothing is ever on them: a leaf lives
/// for days, and an authority that is not wanted any more is removed. They are there because some clients (Windows'
/// own) ask for one and take no certificate without.
namespace paravent::tls {

/// Where the box serves a CRL of an authority's: http, for a client that fetched it over https would need it first.
/// `crl`: "root", "meta" or "box".
std::string crl_address(std::string_view box_name, std::string_view authority, std::string_view crl);

/// A CRL with nothing on it, signed. `number` grows with each of an issuer. @throws LibraryError
Crl make_crl(X509* issuer, EVP_PKEY* key, Validity validity, Seconds number);

/// Says in an unsigned certificate where its issuer's CRL is. @throws LibraryError
void add_crl_address(X509* certificate, const std::string& address);

std::string der_of(const X509_CRL* crl);

/// The intermediates' CRLs, signed when they are asked for. Calls may come from any thread.
class CrlCache {
public:
    /// DER; signed anew once it is an hour old. `issuer`: one of `authority`'s that may sign one.
    result<std::string> crl(const Authority& authority, const Issuer& issuer, Seconds now);
    /// After an authority is removed.
    void forget_all();

private:
    struct Entry {
        std::string der;
        Seconds made = 0;
    };
    std::mutex mutex_;
    LeastRecent<Entry> crls_{8}; ///< two authorities with two each
};

} // namespace paravent::tls
