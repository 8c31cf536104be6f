#pragma once

#include "proxy/dashboard/importing.hpp"
#include "proxy/dashboard/parts.hpp"
#include "proxy/server/local_site.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::dashboard {

/// The dashboard's HTTP API and its page. Called on one thread at a time.
class Api {
public:
    explicit Api(Parts parts);
    /// What a request's head decides: a refusal, or that there is no such thing, and how much body there may be.
    server::Beginning begins(const server::LocalRequest& head) const;
    server::LocalReply answers(const server::LocalRequest& request) const;

private:
    server::Beginning begin_import(std::string_view query) const;

    Parts parts_;
    mutable std::weak_ptr<Importing> importing_; ///< one at a time
};

/// The same as a site of the proxy's own.
server::LocalSite local_site(Parts parts);

/// Every path served, as in the OpenAPI document: "GET /api/v1/events". For the test that holds them together.
std::vector<std::string> served_paths();

} // namespace paravent::dashboard
