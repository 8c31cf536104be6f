#pragma once

#include "config/settings.hpp"
#include "proxy/dashboard/reply.hpp"

#include <optional>
#include <string_view>

namespace paravent::dashboard {

/// How much of the dashboard a path is.
enum class Access {
    anyone,    ///< also plain http from the network: health
    visitor,   ///< no login
    own_pages, ///< no login, and a page of the box's own may ask from another of its origins (http asks https)
    owner,     ///< the token
};

/// Why a request is refused before anything is read of it; nothing where it may go on. In this order: a Host that is
/// not ours (421, a name bound anew to our address), another site's page (403), plain http from the network (403), no
/// token (401).
std::optional<server::LocalReply> refused(const server::LocalRequest& request, const config::Settings& settings,
                                          std::string_view token, Access access);

/// The same in time that depends on the lengths alone.
bool same_secret(std::string_view a, std::string_view b) noexcept;

} // namespace paravent::dashboard
