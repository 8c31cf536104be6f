#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/activity/fields.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace paravent::activity {

/// The product where only the host was seen (interface.md, "An event").
Product product_of_host(std::string_view host) noexcept;
/// The same where a rule spoke of it: that a host is a site's own gateway, only the rule knows.
Product product_of_host(std::string_view host, std::string_view category) noexcept;

/// The product of a request seen whole: what its path is known for, else the category of the rule that matched, else
/// the host. Paths: meta-reference.md sections 1 and 6.
Product product_of(std::string_view host, std::string_view path, std::string_view category) noexcept;

/// How the Graph API is asked; a browser's preflight counts as what it asks for.
enum class GraphCall : std::uint8_t { writes, reads };
GraphCall graph_call(std::string_view method, std::string_view query) noexcept;

/// The same on graph.facebook.com, where an edge means one thing to who writes and another to who reads: a page's
/// calendar is read at "/events", shares are counted at "/?id=<address>".
Product product_on_graph(std::string_view path, std::string_view query, std::string_view category,
                         GraphCall call) noexcept;

/// The product of a request seen whole, also on a host that takes it for Meta.
Product product_of(const Seen& seen) noexcept;

/// Whether a browser asks by this what it may send (CORS), before it does: OPTIONS. What its address holds is told by
/// the request that follows, so of a preflight `events_of` tells just the product and the page that asks.
bool is_preflight(const Seen& seen) noexcept;

/// What a host that is not Meta's takes for Meta: OpenBridge's events at "/events?cee=no", a pixel's at "/tr?id=&ev=".
/// Nothing where the request has neither form.
std::optional<Product> product_taken_for_meta(std::string_view path, std::string_view query) noexcept;

/// A path of the Graph API: "/v19.0/123/activities" and "/123/activities" alike.
struct GraphPath {
    std::string_view node; ///< "123", "me", "network_ads_common"
    std::string_view edge; ///< "activities", "events"; empty where there is none
};
GraphPath graph_path(std::string_view path) noexcept;

} // namespace paravent::activity
