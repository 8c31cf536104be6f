#pragma once

#include "proxy/policy/policy.hpp"

#include <cstdint>
#include <vector>

namespace paravent::policy {

/// The owner's exceptions, oldest first. Not thread-safe: Policy's lock is held.
class Exceptions {
public:
    static constexpr std::size_t limit = 1000;

    /// Gives it an id and its site the normal form; one of the same site and device is replaced, for the owner's last
    /// word counts. `exception.device` is an id or empty. @throws PolicyError
    Exception add(Exception exception, std::int64_t now_ms);
    bool remove(std::string_view id);
    void forget_device(std::string_view device); ///< "": those of any one device
    bool drop_ended(std::int64_t now_ms);        ///< whether there were some

    const std::vector<Exception>& all() const noexcept { return all_; }
    /// Of that device and of all devices, in the order in which they are asked: more labels first, then the device's
    /// own, then the newest.
    std::vector<Exception> for_device(std::string_view device) const;

    std::uint64_t next_id() const noexcept { return next_id_; }
    void restore(std::vector<Exception> all, std::uint64_t next_id);

private:
    std::vector<Exception> all_;
    std::uint64_t next_id_ = 1; ///< ids are counted, not random: people type them after `allow --remove`
};

} // namespace paravent::policy
