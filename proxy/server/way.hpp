#pragma once

#include "proxy/server/snapshot.hpp"
#include "proxy/server/worker.hpp"

#include <memory>
#include <string>

namespace paravent::server {

/// An open way to a destination.
struct Way {
    std::unique_ptr<net::Stream> stream;
    std::string leftover; ///< bytes of the destination that came with a parent proxy's reply
};

enum class Purpose : std::uint8_t {
    tunnel, ///< bytes as they are
    http,   ///< requests in absolute-form may go to a parent HTTP proxy as they are
};

/// Opens a way to host (normal form) and port: by itself or through the parent proxy of the settings, within what the
/// settings allow. It ends when `waiter` (the client; may be null) goes. Errors of net::Error, each with a sentence.
net::awaitable<net::result<Way>> open_way(Worker& worker, const Snapshot& snapshot, std::string host,
                                          std::uint16_t port, Purpose purpose, net::Stream* waiter);

/// Two requests for `http` with the same key may go over the same connection: it says where that leads, and by whom.
std::string key_of_way(const config::Settings& settings, const std::string& host, std::uint16_t port);

/// Whether requests for `http` go to a parent HTTP proxy, which wants them in absolute-form.
bool speaks_to_parent(const config::Settings& settings) noexcept;
/// "Proxy-Authorization: …\r\n" for the parent, or empty.
std::string parent_authorization(const config::Settings& settings);

} // namespace paravent::server
