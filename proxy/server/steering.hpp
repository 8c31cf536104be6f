#pragma once

#include "proxy/server/connection.hpp"

#include <boost/system/error_code.hpp>

namespace paravent::server {

/// What a steered connection found when it dialled: a name that leads back to this box, or home, is a loop (table H10),
/// and `status` says so until a name leads out again. Nothing for other connections.
void note_steering(Connection& connection, const net::error_code& error);

} // namespace paravent::server
