#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

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

/// What the owner chose, by registrable domain.
using SiteModes = std::map<std::string, SiteMode, std::less<>>;
inline constexpr std::size_t most_site_modes = 1000;

/// The mode for a page's host (normal form; empty where the page is unknown): `report` where nothing was chosen.
SiteMode mode_for(const SiteModes& modes, std::string_view page_host) noexcept;

} // namespace paravent::policy
