// What applies to one client, read by the workers for each request.
#include "proxy/policy/address.hpp"
#include "proxy/policy/policy.hpp"
#include "rules/domains.hpp"

#include <atomic>

namespace paravent::policy {
namespace {

/// Whether a host is more than a registrable domain: "www.shop.example", an address, a single label.
bool is_full_host(std::string_view host) noexcept
{
    if (rules::registrable_domain(host) != host || host.find('.') == host.npos || host.find(':') != host.npos)
        return true;
    const char last = host.back();
    return last >= '0' && last <= '9'; // no top-level domain ends in a digit, every IPv4 address does
}

} // namespace

bool Client::is_to_be_noted(std::int64_t now_ms) const noexcept
{
    constexpr std::int64_t every_ms = 10'000;
    const std::atomic_ref noted(noted_ms_);
    auto before = noted.load(std::memory_order_relaxed);
    const bool due = now_ms >= before + every_ms || now_ms < before; // a clock may be set back
    return due && noted.compare_exchange_strong(before, now_ms, std::memory_order_relaxed);
}

bool Client::unjudged(std::int64_t now_ms) const noexcept
{
    return device.profile == Profile::off || (device.paused_until_ms && now_ms < *device.paused_until_ms);
}

const Exception* Client::exception_for(std::string_view page_host, std::string_view destination,
                                       std::int64_t now_ms) const noexcept
{
    if (exceptions.empty())
        return nullptr;

    const std::string_view site = rules::registrable_domain(page_host.empty() ? destination : page_host);
    // Where the page is known, "facebook.com" means pages of Facebook, not what other pages fetch from it.
    const bool destination_counts = page_host.empty() || is_full_host(destination);
    for (const Exception& e : exceptions) {
        if (e.until_ms && *e.until_ms <= now_ms)
            continue;
        if (e.site == site || e.site == page_host || (destination_counts && e.site == destination))
            return &e;
    }
    return nullptr;
}

} // namespace paravent::policy
