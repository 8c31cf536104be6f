#pragma once

#include "proxy/tls/authority.hpp"
#include "proxy/tls/error.hpp"
#include "proxy/tls/least_recent.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace paravent::tls {

/// The certificate that a device sees for one host, with a key of its own that is nowhere else.
struct Leaf {
    std::string host;
    Certificate certificate, intermediate; ///< both are sent; the root is what the device has
    Key key;
    Seconds not_before = 0, not_after = 0;
};

/// Makes one (table I6): no subject, the host alone as name, for servers alone, 90 days, since two days ago but not
/// before the authority's own beginning. Nothing in it comes from the origin's certificate.
result<std::shared_ptr<const Leaf>> make_leaf(const Authority& authority, const std::string& host, Seconds now);

/// Leaves that were made, by authority and host; shared by all workers.
class LeafCache {
public:
    explicit LeafCache(std::size_t most = 1024) : leaves_(most) {}

    /// The one there is, if it is valid for another week; else a new one.
    result<std::shared_ptr<const Leaf>> leaf(const Authority& authority, const std::string& host, Seconds now);
    /// After an authority is removed.
    void forget_all();
    std::size_t size() const;

private:
    std::shared_ptr<const Leaf> kept(const std::string& key, Seconds now);

    mutable std::mutex mutex_;
    LeastRecent<std::shared_ptr<const Leaf>> leaves_;
};

} // namespace paravent::tls
