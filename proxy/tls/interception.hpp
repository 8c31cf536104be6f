#pragma once

#include "proxy/tls/authorities.hpp"
#include "proxy/tls/client_side.hpp"
#include "proxy/tls/kept.hpp"
#include "proxy/tls/origin_side.hpp"
#include "proxy/tls/own_certificate.hpp"
#include "proxy/tls/revocation.hpp"
#include "proxy/tls/trust.hpp"
#include "proxy/tls/verified.hpp"

namespace paravent::tls {

/// What interception needs, one for the program: the home's authorities, TLS towards devices and origins, and what was
/// learned of both. Calls may come from any thread.
class Interception {
public:
    /// Reads what the state directory has. `trust` as OriginSide takes it.
    /// @throws std::runtime_error where `trust` cannot be read
    Interception(std::filesystem::path state, const std::filesystem::path& trust);

    /// After a reload of the settings. @throws std::runtime_error as above; all stays as it was then
    void configure(const std::filesystem::path& trust);

    std::shared_ptr<const AuthorityList> authorities() const; ///< newest first; never null
    std::vector<std::string> problems() const;                ///< a sentence for each file that is not in order

    /// The first authority, or one beside it. In force when they return. @throws AuthorityError
    std::shared_ptr<const Authority> create(std::span<const std::string> box_names, Seconds now, const KeepRoot& keep);
    std::shared_ptr<const Authority> renew(std::span<const std::string> box_names, Seconds now, const KeepRoot& keep);
    /// As remove_authorities; what was proved to it, leaves and sessions go with it.
    std::vector<std::string> remove(std::string_view fingerprint);
    /// The state directory's authorities anew, after somebody else changed them.
    void load();

    /// As long as a session lives, so must its side.
    std::shared_ptr<OriginSide> origins();
    /// An origin was verified by `by`: counts where that is still what is trusted.
    void remember_verified(const std::shared_ptr<OriginSide>& by, const std::string& origin, const std::string& alpn,
                           const std::string& protocol, std::int64_t now_ms);
    ClientSide& clients() noexcept { return clients_; }
    BypassMemory& bypasses() noexcept { return bypasses_.memory; }
    TrustMemory& trust() noexcept { return trust_.memory; }
    VerifiedMemory& verified() noexcept { return verified_; }
    OwnCertificate& own_certificate() noexcept { return own_certificate_; }
    CrlCache& crls() noexcept { return crls_; }

    /// Everything about a device; "" forgets all devices.
    void forget_device(std::string_view device);
    /// Writes what changed of bypasses and trust, if anything did.
    boost::system::error_code save();

private:
    const std::filesystem::path state_;
    mutable std::mutex mutex_;
    std::shared_ptr<const AuthorityList> authorities_;
    std::vector<std::string> problems_;
    std::filesystem::path trusted_;
    std::shared_ptr<OriginSide> origins_;
    ClientSide clients_;
    OwnCertificate own_certificate_{state_ / "box.pem"};
    CrlCache crls_;
    std::mutex saving_;
    Kept<BypassMemory> bypasses_;
    Kept<TrustMemory> trust_;
    VerifiedMemory verified_;
};

} // namespace paravent::tls
