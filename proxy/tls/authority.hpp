#pragma once

#include "proxy/tls/clock.hpp"
#include "proxy/tls/openssl.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::tls {

/// Something the owner asked for that cannot be, or a file that is not in order: a sentence for a person in what().
class AuthorityError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An intermediate: what signs leaves, for some names alone.
struct Issuer {
    Certificate certificate;
    Key key;
    std::vector<std::string> domains; ///< that it may sign for, with what lies below them; as its certificate says
    std::string_view crl;             ///< its revocation list's name: "meta", "box"; empty: may sign none (older ones)

    bool covers(std::string_view host) const noexcept;
};

/// The home's certificate authority: a root whose key is gone, and two intermediates that it signed before. Never
/// changes, so any number of threads may use it.
class Authority {
public:
    /// Reads what `text` wrote with the same passphrase. @throws AuthorityError where it is not in order
    static Authority from_text(std::string_view text, std::string_view passphrase = {});

    /// Certificates, the intermediates' keys and the root's revocation list, PEM; the keys encrypted where there is a
    /// passphrase. What it holds is overwritten when it is freed.
    Bio text(std::string_view passphrase = {}) const;

    /// Short, for keys of maps and names of files: the first 16 hex digits of the fingerprint.
    const std::string& id() const noexcept { return id_; }
    const std::string& fingerprint() const noexcept { return fingerprint_; } ///< "AB:CD:…", SHA-256 of the root
    std::string name() const { return name_; }                               ///< the root's; begins with "Paravent"
    Seconds created() const noexcept { return created_; }
    Seconds not_after() const noexcept { return not_after_; }
    /// Whether a certificate of its may be shown now. It may not yet where it was made by a clock that ran ahead.
    bool is_valid(Seconds now) const noexcept { return now >= not_before_ && now < not_after_; }
    /// A sentence while it is not valid yet, from 90 days before it expires on, and another from 30; else empty.
    std::string validity_notice(Seconds now) const;

    X509* root() const noexcept { return root_.get(); }
    const Issuer& meta() const noexcept { return meta_; }
    const Issuer& box() const noexcept { return box_; }
    /// Which of the two may sign for the host (normal form), or null.
    const Issuer* issuer_for(std::string_view host) const noexcept;
    /// The revocation list of the root, made with it, for its key is gone. Null: there is none (older authorities).
    const X509_CRL* root_crl() const noexcept { return root_crl_.get(); }
    /// Where the box serves the revocation list of that name ("root", "meta", "box").
    std::string crl_address(std::string_view crl) const;

private:
    friend struct Founding;
    Authority(Certificate root, Crl root_crl, Issuer meta, Issuer box);

    Certificate root_;
    Crl root_crl_;
    Issuer meta_, box_;
    std::string id_, fingerprint_, name_;
    Seconds not_before_ = 0, created_ = 0, not_after_ = 0;
};

/// A new authority. `root_key` is the only copy of the root's key; when it goes out of scope the key is gone.
struct Founding {
    /// `box_names`: the box's own, in normal form; the intermediate for them signs for nothing else.
    /// @throws AuthorityError where a name is an address, a top-level domain or anything else that others own, where
    /// there is none, and where the clock is before the day of the build
    Founding(std::span<const std::string> box_names, Seconds now);

    Key root_key;
    std::shared_ptr<const Authority> authority;
};

} // namespace paravent::tls
