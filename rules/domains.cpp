#include "rules/domains.hpp"

#include "rules/ip_address.hpp"

#include <libpsl.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace paravent::rules {
namespace {

constexpr std::size_t longest_host = 253;

} // namespace

std::string_view registrable_domain(std::string_view host) noexcept
{
    std::array<char, longest_host + 1> text{};
    if (host.empty() || host.size() > longest_host || is_address(host))
        return host;
    std::memcpy(text.data(), host.data(), host.size());
    const char* domain = psl_registrable_domain(psl_builtin(), text.data());
    return domain == nullptr ? host : host.substr(static_cast<std::size_t>(domain - text.data()));
}

bool is_or_below(std::string_view host, std::string_view domain) noexcept
{
    if (domain.empty() || !host.ends_with(domain))
        return false;
    // An address has no names below it: 1.2.3.4 does not lie below 3.4.
    return host.size() == domain.size() || (host[host.size() - domain.size() - 1] == '.' && !is_address(host));
}

bool same_site(std::string_view a, std::string_view b) noexcept
{
    if (a == b)
        return true;
    // The labels that both end in: one site if they are more than a public suffix. Most pairs share less than two.
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t same = 0;
    std::size_t common = 0;
    while (same < shorter && a[a.size() - 1 - same] == b[b.size() - 1 - same]) {
        ++same;
        const bool a_label = same == a.size() || a[a.size() - 1 - same] == '.';
        const bool b_label = same == b.size() || b[b.size() - 1 - same] == '.';
        if (a_label && b_label)
            common = same;
    }
    const std::string_view shared = a.substr(a.size() - common);
    if (shared.find('.') == std::string_view::npos || is_address(a) || is_address(b) || a.size() > longest_host)
        return false;
    std::array<char, longest_host + 1> text;
    std::memcpy(text.data(), shared.data(), shared.size());
    text[shared.size()] = '\0';
    return psl_is_public_suffix(psl_builtin(), text.data()) == 0;
}

} // namespace paravent::rules
