// How an authority is made: the only moment in which the root's key exists.
#include "proxy/tls/authority.hpp"

#include "proxy/activity/event.hpp"
#include "proxy/tls/revocation.hpp"
#include "proxy/tls/signing.hpp"
#include "rules/domains.hpp"

#include <openssl/objects.h>

#include <libpsl.h>

#include <ctime>

namespace paravent::tls {
namespace {

constexpr Seconds lifetime = 3650 * day; // a root is installed by hand, device by device

std::string date_text(Seconds time)
{
    const std::time_t seconds = time;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
    return text;
}

/// A name that is this home's alone. A stolen key must not be good for anybody else's.
void check_own(const std::string& name)
{
    const auto normal = rules::normal_host(name);
    const bool address = name.find(':') != std::string::npos ||
                         name.find_first_not_of("0123456789", name.rfind('.') + 1) == std::string::npos;
    if (!normal || *normal != name || address)
        throw AuthorityError("[dashboard] names: \"" + name +
                             "\" is no host name that a certificate could be for; put in a name, as paravent.local");
    constexpr int listed = PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE; // the star rule: any single label is a suffix
    if (psl_is_public_suffix2(psl_builtin(), name.c_str(), listed) != 0 || name == "local")
        throw AuthorityError("[dashboard] names: the box cannot be the whole of \"" + name +
                             "\", where others have their names; put in one of its own, as paravent." + name);
}

std::vector<std::string> metas_domains()
{
    const auto domains = activity::meta_domains();
    return {domains.begin(), domains.end()};
}

/// What tells two authorities of one home apart in a device's list: part of the key's digest.
std::string mark_of(EVP_PKEY* key)
{
    unsigned char* encoded = nullptr;
    const auto size = EVP_PKEY_get1_encoded_public_key(key, &encoded);
    require(size > 4, "naming a key");
    std::string mark;
    for (std::size_t i = 1; i <= 4; ++i) {
        mark += "0123456789abcdef"[encoded[i] >> 4];
        mark += "0123456789abcdef"[encoded[i] & 15];
    }
    OPENSSL_free(encoded);
    return mark;
}

Certificate make_root(EVP_PKEY* key, const std::string& name, Validity validity)
{
    auto root = start_certificate(key, name, validity);
    add_extension(root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:1");
    add_extension(root.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(root.get(), NID_ext_key_usage, "serverAuth");
    add_extension(root.get(), NID_subject_key_identifier, "hash");
    sign(root.get(), root.get(), key);
    return root;
}

/// `crl`, `root_crl`: the name of its own revocation list, and where the root's is.
Issuer make_issuer(const std::string& name, std::string_view crl, std::vector<std::string> domains, X509* root,
                   EVP_PKEY* root_key, const std::string& root_crl)
{
    Issuer issuer;
    issuer.crl = crl;
    issuer.key = make_key();
    issuer.certificate = start_certificate(issuer.key.get(), name, validity_of(root));
    auto* certificate = issuer.certificate.get();
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    // A name constraint leaves e-mail and client certificates free, so the purpose is bound as well.
    add_extension(certificate, NID_ext_key_usage, "serverAuth");
    add_constraint(certificate, domains);
    add_extension(certificate, NID_subject_key_identifier, "hash");
    add_extension(certificate, NID_authority_key_identifier, "keyid:always", root);
    add_crl_address(certificate, root_crl);
    sign(certificate, root, root_key);
    issuer.domains = std::move(domains);
    return issuer;
}

} // namespace

Founding::Founding(std::span<const std::string> box_names, Seconds now)
{
    if (is_before_build(now))
        throw AuthorityError("this computer's clock says " + date_text(now) + ", which is before Paravent was built (" +
                             date_text(built_at()) + "): set it first, or no device would accept what is made today");
    if (box_names.empty())
        throw AuthorityError("[dashboard] names is empty, so there is no name for this box; put in paravent.local");
    for (const auto& name : box_names)
        check_own(name);

    root_key = make_key();
    const auto mark = mark_of(root_key.get());
    const Validity validity{now - backdated, now + lifetime};
    auto root = make_root(root_key.get(), "Paravent root of " + date_text(now) + " (" + mark + ")", validity);
    auto crl = make_crl(root.get(), root_key.get(), validity, 1);
    const auto address = crl_address(box_names.front(), authority_id_of(root.get()), "root");
    auto meta = make_issuer("Paravent for Meta's hosts alone (" + mark + ")", "meta", metas_domains(), root.get(),
                            root_key.get(), address);
    auto box = make_issuer("Paravent for this box alone (" + mark + ")", "box", {box_names.begin(), box_names.end()},
                           root.get(), root_key.get(), address);
    authority.reset(new Authority(std::move(root), std::move(crl), std::move(meta), std::move(box)));
}

} // namespace paravent::tls
