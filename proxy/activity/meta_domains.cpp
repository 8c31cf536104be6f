#include "proxy/activity/event.hpp"

#include <array>
#include <cstddef>

namespace paravent::activity {
namespace {

/// Meta's registrable domains, as of 2026-11-24: written down wide, because a host that is missing here is not shown to
/// anyone. Defensive registrations (misspellings, other countries' endings) that serve nothing are left out, and so is
/// what Meta has sold or given away (giphy.com, reactjs.org). Each has exactly two labels; `is_meta` relies on it. They
/// are also what the home's certificate authority may sign for (proxy/tls): a domain that is not Meta's does not belong
/// here.
constexpr std::string_view domains[] = {
    // Facebook
    "facebook.com",
    "facebook.net",
    "fb.com",
    "fb.me",
    "fb.gg",
    "fb.watch",
    "fb.audio",
    "fb.gd",
    "fbcdn.net",
    "fbcdn.com",
    "fbsbx.com",
    "fbsbx.net",
    "fburl.com",
    "fbwat.ch",
    "fbpigeon.com",
    "fbinfra.net",
    "fbe2e.com",
    "fbrpms.com",
    "fbworkmail.com",
    "facebookmail.com",
    "facebook-hardware.com",
    "facebook-dns.com",
    "facebookblueprint.com",
    "facebookconnect.com",
    "facebookstudio.com",
    "facebookgaming.com",
    "facebookpay.com",
    "fbmarketing.com",
    "fbinnovation.com",
    "fbreg.com",
    "accountkit.com",
    "tfbnw.net",
    "freebasics.com",
    "internet.org",
    "m-freeway.com",
    "expresswifi.com",
    "discoverapp.com",
    // measuring and advertising
    "conversionsapigateway.com",
    "fbthirdpartypixel.com",
    "fbthirdpartypixel.net",
    "fbthirdpartypixel.org",
    "atdmt.com",
    "atdmt2.com",
    "atlassbx.com",
    "atlassolutions.com",
    "atlasdmt.com",
    "liverail.com",
    "crowdtangle.com",
    "onavo.com",
    "onavo.net",
    "onavoinsights.com",
    // Instagram, Threads
    "instagram.com",
    "instagram.net",
    "cdninstagram.com",
    "ig.me",
    "igsonar.com",
    "threads.net",
    "threads.com",
    // WhatsApp, Messenger
    "whatsapp.com",
    "whatsapp.net",
    "whatsapp.org",
    "whatsapp.info",
    "whatsapp.tv",
    "whatsappbrand.com",
    "wa.me",
    "wl.co",
    "messenger.com",
    "m.me",
    "msngr.com",
    // Workplace, Meta, the assistant, headsets
    "workplace.com",
    "meta.com",
    "meta.ai",
    "metacareers.com",
    "metastatus.com",
    "llama.com",
    "wit.ai",
    "metapay.com",
    "horizonworlds.com",
    "oculus.com",
    "oculuscdn.com",
    "oculusrift.com",
    "oculusvr.com",
    "vircado.com",
};

constexpr std::size_t slots = 2048; // a power of two, wide enough for a seed without collisions

constexpr std::size_t slot_of(std::string_view domain, std::uint32_t seed) noexcept
{
    std::uint32_t hash = seed;
    for (const char c : domain)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return (hash ^ (hash >> 15)) & (slots - 1);
}

/// A perfect hash table, sought at compile time: one look, one comparison.
struct Table {
    std::uint32_t seed = 2166136261u;
    std::array<std::uint8_t, slots> index{}; // 1 + place in `domains`; 0: none
    std::size_t longest = 0;

    consteval Table()
    {
        static_assert(std::size(domains) < 255);
        while (!fill())
            seed += 2;
        for (const auto& domain : domains)
            longest = domain.size() > longest ? domain.size() : longest;
    }
    constexpr bool fill()
    {
        index.fill(0);
        for (std::size_t i = 0; i < std::size(domains); ++i) {
            auto& place = index[slot_of(domains[i], seed)];
            if (place != 0)
                return false;
            place = static_cast<std::uint8_t>(i + 1);
        }
        return true;
    }
};
constexpr Table table;

} // namespace

std::span<const std::string_view> meta_domains() noexcept
{
    return domains;
}

bool is_meta(std::string_view host) noexcept
{
    const auto last = host.rfind('.');
    if (last == std::string_view::npos || last == 0)
        return false;
    const auto before = host.rfind('.', last - 1);
    const auto domain = before == std::string_view::npos ? host : host.substr(before + 1);
    if (domain.size() > table.longest)
        return false;
    const auto place = table.index[slot_of(domain, table.seed)];
    return place != 0 && domains[place - 1] == domain;
}

} // namespace paravent::activity
