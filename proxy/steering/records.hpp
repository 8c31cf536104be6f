#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace paravent::steering {

/// The name servers that people have at home, each with records of its own kind.
enum class Dialect : std::uint8_t { pihole, adguard, dnsmasq, unbound };
std::string_view name_of(Dialect dialect) noexcept;
std::optional<Dialect> dialect_named(std::string_view name) noexcept;

/// This box's addresses, as text in their usual form; at least one of the two.
struct BoxAddresses {
    std::string v4, v6;
};

/// A file for the home's name server: each name, exactly, is answered with this box. What of A and AAAA has no address
/// here, and every other kind of record, is answered empty: an address of Meta's, or an HTTPS record (RFC 9460) with
/// hints of one, would lead devices round this box. Names below these are asked as ever. Comments say where the file
/// belongs, how it is undone, and what Paravent's own settings need.
std::string records(Dialect dialect, std::span<const std::string> names, const BoxAddresses& box);

} // namespace paravent::steering
