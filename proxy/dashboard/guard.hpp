#pragma once

#include "config/settings.hpp"
#include "proxy/dashboard/door.hpp"
#include "proxy/dashboard/reply.hpp"

#include <optional>
#include <string_view>

namespace paravent::dashboard {

/// How much of the dashboard a path is.
enum class Access {
    anyone,    ///< also plain http from the network: set-up page, certificate, PAC, health
    visitor,   ///< no login
    own_pages, ///< no login, and a page of the box's own may ask from another of its origins (http asks https)
    owner,     ///< a session or a token
};

/// Why a request is refused before anything is read of it; nothing where it may go on. In this order: a Host that is
/// not ours (421, a name bound anew to our address), another site's page (403), plain http from the network (307), not
/// the owner (401).
std::optional<server::LocalReply> refused(const server::LocalRequest& request, const config::Settings& settings,
                                          Door& door, Access access);

/// Whether a session or a token comes with the request.
bool is_owner(const server::LocalRequest& request, Door& door);

/// The token that the request shows; empty where there is none.
std::string_view bearer_of(const server::LocalRequest& request) noexcept;
/// The secret of the session's cookie; empty where there is none.
std::string_view session_of(const server::LocalRequest& request);
/// Over https only this very host can have set it ("__Host-", RFC 6265bis).
constexpr std::string_view session_cookie(bool secure) noexcept
{
    return secure ? "__Host-paravent" : "paravent";
}

/// The same in time that depends on the lengths alone.
bool same_secret(std::string_view a, std::string_view b) noexcept;

} // namespace paravent::dashboard
