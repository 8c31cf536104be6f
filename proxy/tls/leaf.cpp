#include "proxy/tls/leaf.hpp"

#include "proxy/tls/revocation.hpp"
#include "proxy/tls/signing.hpp"

#include <openssl/objects.h>

#include <algorithm>
#include <span>

namespace paravent::tls {
namespace {

constexpr Seconds longest = 90 * day;
constexpr Seconds renewed_before_end = 7 * day;

/// Both ends belong to it, so a validity of 90 days is a second shorter than the difference (RFC 5280,
/// section 4.1.2.5).
Validity validity_at(Seconds now, Validity issuer) noexcept
{
    const auto from = std::max(now - backdated, issuer.from);
    return {from, std::min(from + longest - 1, issuer.to)};
}

} // namespace

result<std::shared_ptr<const Leaf>> make_leaf(const Authority& authority, const std::string& host, Seconds now)
try {
    if (is_before_build(now))
        return Error::clock_before_build;
    const auto* issuer = authority.issuer_for(host);
    if (issuer == nullptr)
        return Error::outside_names;
    const auto issuer_validity = validity_of(issuer->certificate.get());
    if (now < issuer_validity.from || now > issuer_validity.to)
        return Error::not_valid_now;

    const auto validity = validity_at(now, issuer_validity);
    auto leaf = std::make_shared<Leaf>();
    leaf->host = host;
    leaf->key = make_key();
    leaf->certificate = start_certificate(leaf->key.get(), {}, validity);
    auto* certificate = leaf->certificate.get();
    add_names(certificate, std::span(&host, 1));
    add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, NID_ext_key_usage, "serverAuth");
    add_extension(certificate, NID_subject_key_identifier, "hash");
    add_extension(certificate, NID_authority_key_identifier, "keyid:always", issuer->certificate.get());
    if (!issuer->crl.empty())
        add_crl_address(certificate, authority.crl_address(issuer->crl));
    sign(certificate, issuer->certificate.get(), issuer->key.get());
    leaf->intermediate = share(issuer->certificate.get());
    leaf->not_before = validity.from;
    leaf->not_after = validity.to;
    return std::shared_ptr<const Leaf>(std::move(leaf));
} catch (const LibraryError&) {
    return Error::library;
}

std::shared_ptr<const Leaf> LeafCache::kept(const std::string& key, Seconds now)
{
    const std::lock_guard lock(mutex_);
    const auto* leaf = leaves_.find(key);
    const bool good = leaf != nullptr && now >= (*leaf)->not_before && now + renewed_before_end < (*leaf)->not_after;
    return good ? *leaf : nullptr;
}

result<std::shared_ptr<const Leaf>> LeafCache::leaf(const Authority& authority, const std::string& host, Seconds now)
{
    if (is_before_build(now))
        return Error::clock_before_build;
    const auto key = key_of(authority.id(), host);
    if (auto leaf = kept(key, now))
        return leaf;
    auto made = make_leaf(authority, host, now); // without the lock: others need not wait for it
    if (made) {
        const std::lock_guard lock(mutex_);
        leaves_.put(key, *made);
    }
    return made;
}

void LeafCache::forget_all()
{
    const std::lock_guard lock(mutex_);
    leaves_.erase_if([](const auto&, const auto&) { return true; });
}

std::size_t LeafCache::size() const
{
    const std::lock_guard lock(mutex_);
    return leaves_.size();
}

} // namespace paravent::tls
