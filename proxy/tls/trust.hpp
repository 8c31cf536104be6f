#pragma once

#include "proxy/tls/authorities.hpp"
#include "proxy/tls/bypass.hpp"

#include <map>
#include <mutex>

namespace paravent::tls {

/// Which authority each device has proved to trust, so that a second one locks nobody out (table I12). Kept in the
/// state directory: `text` and the constructor. Calls may come from any thread.
class TrustMemory {
public:
    TrustMemory() = default;
    /// From what `text` wrote; whatever else it is, nobody has proved anything.
    explicit TrustMemory(std::string_view text);

    /// The device asked the box something over https and took a leaf of that authority.
    void proved(std::string_view device, std::string_view authority, Millis now);
    /// It refused one.
    void refused(std::string_view device, std::string_view authority, Millis now);

    struct Choice {
        std::shared_ptr<const Authority> authority; ///< null: there is none that it has not refused
        bool proved = false;
    };
    /// What a device is served from: the newest of those it has proved to trust, else the oldest that it has not
    /// refused, which is the one that was there when somebody prepared the device. One that is not valid now (see
    /// Authority::is_valid) is only chosen where there is no better one, and then nothing can be served from it.
    Choice choose(std::string_view device, const AuthorityList& newest_first, Millis now) const;

    /// What a device is served from under the box's own name, where nothing is lost if it does not trust that: the
    /// newest valid one that it has not refused lately, so that it can prove itself; else the oldest. Null: none is.
    std::shared_ptr<const Authority> probe(std::string_view device, const AuthorityList& newest_first,
                                           Millis now) const;

    void forget_device(std::string_view device); ///< "" forgets all
    void forget_authority(std::string_view authority);

    std::string text() const;
    std::uint64_t version() const; ///< counts up with each change of what `text` holds

private:
    struct Proof {
        bool trusts = false;
        Millis at_ms = 0;
    };
    using Proofs = std::map<std::string, Proof, std::less<>>; // by authority
    void note(std::string_view device, std::string_view authority, Proof proof);
    void make_room();

    mutable std::mutex mutex_;
    std::map<std::string, Proofs, std::less<>> devices_;
    std::uint64_t version_ = 0;
};

} // namespace paravent::tls
