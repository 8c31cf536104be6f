#pragma once

#include "proxy/dashboard/parts.hpp"
#include "proxy/server/local_site.hpp"

#include <string_view>
#include <vector>

namespace paravent::dashboard {

/// The dashboard's HTTP API and its page: a LocalSite. Called on one thread at a time.
class Api {
public:
    explicit Api(Parts parts);
    server::LocalReply operator()(const server::LocalRequest& request) const;

private:
    Parts parts_;
};

/// Every path served, as in the OpenAPI document: "GET /api/v1/events". For the test that holds them together.
std::vector<std::string> served_paths();

} // namespace paravent::dashboard
