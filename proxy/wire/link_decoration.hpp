#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// What Meta adds to links that lead away from it, so that whoever opens one is recognised there: fbclid and its family
// (mibextid, rdid, igsh, igshid, __cft__[n], __tn__). Pure functions of addresses.
namespace paravent::wire {

/// Whether a field of a query is called like one of them, percent-encoded or not.
bool is_link_decoration(std::string_view name) noexcept;

/// A URL or request target without them; nothing where it has none. What else it has stays byte for byte: order,
/// encoding, empty fields, fragment. A query of which nothing is left loses its "?".
std::optional<std::string> undecorated(std::string_view url);

/// A longer address is not led to.
inline constexpr std::size_t max_linked_bytes = 8192;

/// Where a link by Meta's own counter leads: the field `u` of l.facebook.com/l.php, lm.facebook.com/l.php and
/// l.instagram.com/, decoded and undecorated. `path`: path and query. Nothing where it is another address, where `u` is
/// missing or there twice, and where it is anything but a plain http or https address in visible ASCII.
std::optional<std::string> linked_address(std::string_view host, std::string_view path);

} // namespace paravent::wire
