#pragma once

#include "config/settings.hpp"
#include "proxy/net/address.hpp"
#include "proxy/net/error.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <vector>

namespace paravent::net {

/// Where the proxy may go: asked with the number the name resolved to, right before dialling, so that no name can lead
/// inside the home.
class Destinations {
public:
    /// `own`: what this process listens on.
    Destinations(const config::Settings& settings, std::vector<boost::asio::ip::tcp::endpoint> own);

    boost::system::error_code judge_port(std::uint16_t port) const noexcept;
    /// Error::refused_destination or Error::loop, or nothing.
    boost::system::error_code judge(const Address& address, std::uint16_t port) const noexcept;

private:
    bool is_own(const Address& address, std::uint16_t port) const noexcept;

    std::vector<std::uint16_t> ports_;
    std::vector<Network> allowed_;
    std::vector<boost::asio::ip::tcp::endpoint> own_;
    std::vector<Address> own_addresses_; ///< of this computer's interfaces
};

} // namespace paravent::net
