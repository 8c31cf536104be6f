#include "proxy/activity/product.hpp"

#include "proxy/activity/text.hpp"
#include "rules/domains.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace paravent::activity {
namespace {

using rules::is_or_below;

/// "/x" also stands for "/x/…" and "/x.php"-like endings are written out.
bool under(std::string_view path, std::string_view prefix) noexcept
{
    return path.starts_with(prefix) &&
           (path.size() == prefix.size() || prefix.ends_with('/') || path[prefix.size()] == '/');
}

/// Takes "v19.0" or "v2.10" off the front of a path: "/v19.0/plugins/x" -> "/plugins/x".
std::string_view without_version(std::string_view path) noexcept
{
    if (!path.starts_with("/v"))
        return path;
    const auto end = path.find('/', 1);
    const auto version = path.substr(2, end == std::string_view::npos ? end : end - 2);
    const bool is_version = !version.empty() && std::all_of(version.begin(), version.end(),
                                                            [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
    if (!is_version)
        return path;
    return end == std::string_view::npos ? std::string_view{"/"} : path.substr(end);
}

std::optional<Product> on_connect(std::string_view path) noexcept
{
    const auto file = path.substr(path.rfind('/') + 1);
    if (file == "sdk.js" || file == "all.js" || path.starts_with("/sdk/") ||
        path.find("/sdk/") != std::string_view::npos || file == "xfbml.customerchat.js")
        return Product::social_plugin;
    if (under(path, "/signals") || file == "fbevents.js" || file == "fbds.js" || file == "pcm.js")
        return Product::loader;
    return std::nullopt;
}

std::optional<Product> on_graph(std::string_view path) noexcept
{
    const auto [node, edge] = graph_path(path);
    if (edge == "activities")
        return Product::app_events;
    if (edge == "events")
        return Product::conversions;
    if (node == "network_ads_common" || node.starts_with("adnw_"))
        return Product::audience_network;
    if (node == "oauth" || edge == "oauth" || node == "me" || node == "device")
        return Product::login;
    if (node == "logging_client_events")
        return Product::logging;
    // A batch; an app's settings, which its SDK fetches to know what to report.
    if (node.empty() || (is_account(node) &&
                         (edge.empty() || edge == "mobile_sdk_gk" || edge == "button_auto_detection_device_selection")))
        return Product::app_events;
    return std::nullopt;
}

struct Place {
    std::string_view prefix;
    Product product;
};

/// Paths of facebook.com's page hosts (www., m., web. …), the version taken off.
constexpr std::array places = {
    Place{"/tr", Product::pixel},
    Place{"/privacy_sandbox/pixel", Product::pixel},
    Place{"/paid_ads_pixel", Product::pixel},
    Place{"/audiencenetwork", Product::audience_network},
    Place{"/adnw_request", Product::audience_network},
    Place{"/adnw_sync", Product::audience_network},
    Place{"/adnw_sync2", Product::audience_network},
    Place{"/adnw_logging", Product::audience_network},
    Place{"/an", Product::audience_network},
    Place{"/plugins", Product::social_plugin},
    Place{"/x/oauth/status", Product::social_plugin},
    Place{"/impression.php", Product::social_plugin},
    Place{"/dialog/oauth", Product::login},
    Place{"/login", Product::login},
    Place{"/login.php", Product::login},
    Place{"/oauth", Product::login},
    Place{"/a/bz", Product::logging},
    Place{"/ajax/bz", Product::logging},
    Place{"/ajax/qm", Product::logging},
    Place{"/sw/log", Product::logging},
    Place{"/xti.php", Product::logging},
    Place{"/ai.php", Product::logging},
    Place{"/brandlift.php", Product::logging},
    Place{"/common/cavalry_endpoint.php", Product::logging},
    Place{"/platform/scribe_endpoint.php", Product::logging},
};

std::optional<Product> on_facebook(std::string_view path) noexcept
{
    path = without_version(path);
    for (const auto& place : places)
        if (under(path, place.prefix))
            return place.product;
    if (path.starts_with("/ajax/") && path.find("log") != std::string_view::npos)
        return Product::logging;
    return std::nullopt;
}

std::optional<Product> on_instagram(std::string_view host, std::string_view path) noexcept
{
    if (host == "platform.instagram.com" || under(path, "/embed.js"))
        return Product::social_plugin;
    if ((path.starts_with("/p/") || path.starts_with("/reel/")) && path.find("/embed", 3) != std::string_view::npos)
        return Product::social_plugin;
    if (under(path, "/logging") || path.find("/logging_client_events") != std::string_view::npos ||
        under(path, "/ajax/bz"))
        return Product::logging;
    if (under(path, "/oauth") || under(path, "/accounts/login"))
        return Product::login;
    return std::nullopt;
}

std::optional<Product> by_path(std::string_view host, std::string_view path) noexcept
{
    if (host == "connect.facebook.net")
        return on_connect(path);
    if (host == "graph.facebook.com")
        return on_graph(path);
    if (host == "pixel.facebook.com" || host == "analytics.facebook.com")
        return Product::pixel;
    if (host == "an.facebook.com")
        return Product::audience_network;
    if (is_or_below(host, "facebook.com") || is_or_below(host, "fbsbx.com"))
        return on_facebook(path);
    if (is_or_below(host, "instagram.com"))
        return on_instagram(host, path);
    if (is_or_below(host, "whatsapp.com") && under(path, "/wam"))
        return Product::logging;
    return std::nullopt;
}

std::optional<Product> by_category(std::string_view category) noexcept
{
    switch (rules::category_named(category)) {
    case rules::Category::pixel_event:
        return Product::pixel;
    case rules::Category::pixel_loader:
        return Product::loader;
    case rules::Category::conversions:
        return Product::conversions;
    case rules::Category::app_events:
        return Product::app_events;
    case rules::Category::audience_network:
        return Product::audience_network;
    case rules::Category::social_plugin:
        return Product::social_plugin;
    case rules::Category::meta_logging:
        return Product::logging;
    case rules::Category::login:
        return Product::login;
    case rules::Category::meta_ai:
    case rules::Category::other:
        return std::nullopt;
    }
    return std::nullopt;
}

/// A field's value as it stands in the query.
std::string_view field_in(std::string_view query, std::string_view name) noexcept
{
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (pair.size() > name.size() + 1 && pair.starts_with(name) && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
    }
    return {};
}

/// Whether a query has the field, and its value begins with a digit where it must be a number.
bool has_field(std::string_view query, std::string_view name, bool number) noexcept
{
    const auto value = field_in(query, name);
    return !value.empty() && (!number || (value[0] >= '0' && value[0] <= '9'));
}

} // namespace

bool is_preflight(const Seen& seen) noexcept
{
    return seen.method == "OPTIONS";
}

GraphCall graph_call(std::string_view method, std::string_view query) noexcept
{
    const bool reads = method == "GET" || method == "HEAD";
    // Scripts that can only load a script say so in a field.
    const auto said = field_in(query, "method");
    constexpr std::string_view post = "post";
    const bool writes =
        std::equal(post.begin(), post.end(), said.begin(), said.end(), [](char a, char b) { return a == (b | 0x20); });
    return reads && !writes ? GraphCall::reads : GraphCall::writes;
}

Product product_on_graph(std::string_view path, std::string_view query, std::string_view category,
                         GraphCall call) noexcept
{
    constexpr std::string_view host = "graph.facebook.com";
    if (call == GraphCall::reads) {
        const auto [node, edge] = graph_path(path);
        const bool counts_shares = node.empty() && field_in(query, "batch").empty() &&
                                   !(field_in(query, "id").empty() && field_in(query, "ids").empty());
        if (edge == "events" || counts_shares)
            return by_category(category).value_or(Product::other);
    }
    return product_of(host, path, category);
}

Product product_of(const Seen& seen) noexcept
{
    const auto parts = parts_of(seen.url.substr(0, max_field_bytes));
    const auto path = parts.path.empty() ? "/" : parts.path;
    if (seen.host == "graph.facebook.com")
        return product_on_graph(path, parts.query, seen.category, graph_call(seen.method, parts.query));
    const auto product = product_of(seen.host, path, seen.category);
    if (product != Product::other || is_meta(seen.host))
        return product;
    return product_taken_for_meta(parts.path, parts.query).value_or(Product::other);
}

std::optional<Product> product_taken_for_meta(std::string_view path, std::string_view query) noexcept
{
    while (path.ends_with('/'))
        path.remove_suffix(1);
    if (path.ends_with("/events") && has_field(query, "cee", false))
        return Product::conversions;
    if (path.ends_with("/tr") && has_field(query, "id", true) && has_field(query, "ev", false))
        return Product::pixel;
    return std::nullopt;
}

GraphPath graph_path(std::string_view path) noexcept
{
    path = without_version(path);
    path.remove_prefix(std::min<std::size_t>(path.starts_with('/') ? 1 : 0, path.size()));
    const auto slash = path.find('/');
    GraphPath parts{path.substr(0, slash), {}};
    if (slash != std::string_view::npos) {
        const auto rest = path.substr(slash + 1);
        parts.edge = rest.substr(0, rest.find('/'));
    }
    return parts;
}

Product product_of_host(std::string_view host, std::string_view category) noexcept
{
    const auto product = product_of_host(host);
    const bool gateway = product == Product::other && by_category(category) == Product::conversions;
    return gateway ? Product::conversions : product;
}

Product product_of_host(std::string_view host) noexcept
{
    if (host == "connect.facebook.net")
        return Product::loader;
    if (host == "graph.facebook.com")
        return Product::app_events;
    if (host == "an.facebook.com")
        return Product::audience_network;
    if (host == "pixel.facebook.com" || host == "analytics.facebook.com" || is_or_below(host, "fbthirdpartypixel.com"))
        return Product::pixel;
    if (is_or_below(host, "conversionsapigateway.com"))
        return Product::conversions;
    return Product::other;
}

Product product_of(std::string_view host, std::string_view path, std::string_view category) noexcept
{
    if (const auto product = by_path(host, path))
        return *product;
    if (const auto product = by_category(category))
        return *product;
    // Seen whole, an unknown path of the Graph API is not guessed to be an app's report.
    return host == "graph.facebook.com" ? Product::other : product_of_host(host);
}

} // namespace paravent::activity
