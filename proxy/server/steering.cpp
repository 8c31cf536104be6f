#include "proxy/server/steering.hpp"

#include "proxy/net/error.hpp"

namespace paravent::server {

void note_steering(Connection& connection, const net::error_code& error)
{
    if (connection.role != Role::steered)
        return;
    auto& looping = connection.worker.shared.dns_loop;
    if (error == net::Error::loop || error == net::Error::refused_destination)
        looping = true;
    else if (!error && looping)
        looping = false;
}

} // namespace paravent::server
