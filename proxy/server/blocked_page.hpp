#pragma once

#include "proxy/server/connection.hpp"
#include "proxy/server/judge.hpp"

#include <string>
#include <string_view>

namespace paravent::server {

/// What a person sees who opens a blocked address: the rule, why, and the way to open it all the same. On the computer
/// that Paravent runs on that is a button; a device of the network is told what its owner can do, since he may have
/// meant it.
/// @param sentence what was stopped, plain text
std::string blocked_page(Connection& connection, const Asked& asked, std::string_view sentence);

/// Whether a request is that button's: it carries what only the page had, for this device and host, and no other site
/// sent it.
bool is_allowance(Connection& connection, const Exchange::Head& head);
/// Allows the host to the device for ten minutes, and leads back to where the page was.
net::awaitable<void> allow_for_a_while(Connection& connection, Exchange& exchange);

} // namespace paravent::server
