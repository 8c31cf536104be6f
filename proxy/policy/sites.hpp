#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::policy {

/// What a site's pages get where they ask for Meta's fbevents.js and Paravent looks inside.
enum class SiteMode : std::uint8_t {
    report,  ///< a stand-in that tells Paravent what the page would have told Meta
    silent,  ///< the same stand-in, which tells nobody
    observe, ///< Meta's own script; what it sends is answered
};
std::string_view name_of(SiteMode mode) noexcept;
std::optional<SiteMode> site_mode_named(std::string_view name) noexcept;
/// What the mode does, and what it cannot do, in a sentence for the owner.
std::string_view sentence_of(SiteMode mode) noexcept;

/// A host to which a site repeats what its pages tell Meta.
struct Gateway {
    std::string host;     ///< normal form
    bool blocked = false; ///< the owner agreed to this one
    bool operator==(const Gateway&) const = default;
};

/// What is kept for a site.
struct Site {
    std::optional<SiteMode> mode;  ///< as the owner chose; nothing: report
    std::vector<Gateway> gateways; ///< read while the site was observed, oldest first, at most most_gateways
    bool block_gateway = false;    ///< the owner's answer

    /// Nothing that the owner chose: then nothing is kept.
    bool usual() const noexcept { return !mode && !block_gateway; }
    bool operator==(const Site&) const = default;
};
inline constexpr std::size_t most_sites = 1000;
inline constexpr std::size_t most_gateways = 8;

/// Whether a host could be a gateway of the site: a name in the world that is neither Meta's nor the site's own front.
bool can_be_gateway(std::string_view site, std::string_view host);
/// What it means to block one, in a sentence for the owner.
std::string_view gateway_sentence() noexcept;

/// What is kept for all sites, by registrable domain.
class Sites {
public:
    using Map = std::map<std::string, Site, std::less<>>;

    const Map& all() const noexcept { return all_; }
    const Site* find(std::string_view site) const noexcept;
    /// Puts it in the place of what was kept for the site; nothing is kept where nothing was chosen.
    void put(std::string_view site, Site what);

    /// The mode for a page's host (normal form; empty where the page is unknown): `report` where nothing was chosen.
    SiteMode mode_for(std::string_view page_host) const noexcept;
    /// Whether the owner has a site's gateway blocked that this host is: the page's site, or any where the page is
    /// unknown, for of https only the host is seen.
    bool blocks(std::string_view page_host, std::string_view host) const noexcept;

private:
    Map all_;
    std::map<std::string, std::size_t, std::less<>> blocked_; ///< host -> how many sites have it blocked
};

/// What the owner changes; what is not set stays.
struct SiteChange {
    std::optional<std::optional<SiteMode>> mode; ///< set but empty: back to the usual one
    std::optional<bool> block_gateway;           ///< true: all gateways that are known now, and from now on the site's
                                                 ///< own hosts; those of others wait until the owner has seen them
};

} // namespace paravent::policy
