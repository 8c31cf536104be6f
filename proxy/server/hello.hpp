#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/wire/client_hello.hpp"

#include <string>

namespace paravent::server {

/// Hears a client until it is known what it says first; nothing of it is taken, `kept` (what was read before) grows.
/// `origin`: it is looked at now and then while the client says nothing, since some speak first (`not_tls` then); may
/// be null. `need_more`: the client left, or `limit` is over.
net::awaitable<wire::ClientHelloReader::Reading> hear_hello(Connection& connection, wire::ClientHelloReader& reader,
                                                            std::string& kept, net::Millis limit, net::Stream* origin);

} // namespace paravent::server
