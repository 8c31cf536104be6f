#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace paravent::rules {

/// A host as the URL standard compares it: lower case, A-labels (UTS #46 by libidn2), percent-decoded, no trailing
/// dot, IPv4 in dotted decimal (also from 0x7f.1 or 2130706433), IPv6 without brackets in its shortest form.
/// Nothing where it is no valid host (empty, over 253 bytes, a forbidden code point, an empty label).
std::optional<std::string> normal_host(std::string_view host);

/// The same without a copy: `host` itself where it is in normal form already, else a view of `room`.
std::optional<std::string_view> normal_host(std::string_view host, std::string& room);

/// How many characters at the beginning of `text` are a host in normal form for certain; what nearly every host that a
/// browser sends is. 0 where this cannot be told by its letters alone.
std::size_t plainly_normal_size(std::string_view text) noexcept;

/// The registrable domain (public suffix + 1, by libpsl) as a part of `host`, which is in normal form.
/// An IP address, a public suffix or a single label is returned whole.
std::string_view registrable_domain(std::string_view host) noexcept;

/// Whether `host` is `domain` or lies below it; both in normal form.
bool is_or_below(std::string_view host, std::string_view domain) noexcept;

/// Whether both have the same registrable domain.
bool same_site(std::string_view a, std::string_view b) noexcept;

} // namespace paravent::rules
