#pragma once

#include "proxy/dashboard/parts.hpp"
#include "proxy/server/local_site.hpp"

#include <optional>
#include <string>
#include <vector>

namespace paravent::dashboard {

/// The dashboard's HTTP API and its page. Called on one thread at a time.
class Api {
public:
    explicit Api(Parts parts);
    /// The answer to a request whose body is not looked at: a refusal, or that there is no such thing. Else nothing.
    std::optional<server::LocalReply> refuses(const server::LocalRequest& request) const;
    server::LocalReply answers(const server::LocalRequest& request) const;

private:
    Parts parts_;
};

/// The same as a site of the proxy's own.
server::LocalSite local_site(Parts parts);

/// Every path served, as in the OpenAPI document: "GET /api/v1/events". For the test that holds them together.
std::vector<std::string> served_paths();

} // namespace paravent::dashboard
