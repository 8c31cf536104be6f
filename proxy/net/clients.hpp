#pragma once

#include "proxy/net/address.hpp"

#include <span>
#include <string>
#include <vector>

namespace paravent::net {

/// Who may come, by `[proxy] clients`. "home" is wider here than among destinations: the global IPv6 networks of this
/// computer's own cards belong to it.
class Clients {
public:
    explicit Clients(std::span<const std::string> words);

    bool contains(const Address& unmapped_address) const;
    /// All of them at this moment, none in another one.
    std::vector<Network> now() const;

private:
    std::vector<Network> written_;
    bool home_;
};

} // namespace paravent::net
