#include "proxy/statistics/query.hpp"

#include "proxy/statistics/matching.hpp"

#include <algorithm>
#include <array>

namespace paravent::statistics {
namespace {

constexpr std::array<std::string_view, 7> names = {"hour", "day", "device", "site", "product", "verdict", "rule"};

constexpr char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

std::string lowered(std::string_view text)
{
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

/// `needle` is in lower case already.
bool contains(std::string_view text, std::string_view needle) noexcept
{
    return std::search(text.begin(), text.end(), needle.begin(), needle.end(),
                       [](char a, char b) { return lower(a) == b; }) != text.end();
}

bool is_or_below(std::string_view host, std::string_view domain) noexcept
{
    return host.ends_with(domain) && (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

} // namespace

void Counts::add(rules::Action action, std::uint64_t n) noexcept
{
    requests += n;
    switch (action) {
    case rules::Action::allow:
        allow += n;
        break;
    case rules::Action::log:
        log += n;
        break;
    case rules::Action::block:
        block += n;
        break;
    case rules::Action::answer:
        answer += n;
        break;
    }
}

Counts& Counts::operator+=(const Counts& other) noexcept
{
    requests += other.requests;
    allow += other.allow;
    log += other.log;
    block += other.block;
    answer += other.answer;
    return *this;
}

std::optional<By> by_named(std::string_view name) noexcept
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<By>(found - names.begin());
}

std::string_view name_of(By by) noexcept
{
    return names[static_cast<std::size_t>(by)];
}

bool site_matches(std::string_view site, std::string_view destination, std::string_view asked) noexcept
{
    if (site.empty())
        return is_or_below(destination, asked);
    // "www.shop.example" means its site, shop.example.
    return is_or_below(site, asked) || is_or_below(asked, site);
}

Facts facts_of(const activity::Event& event) noexcept
{
    return {event.time_ms, event.device, event.site,    event.destination,
            event.name,    event.rule,   event.product, event.verdict};
}

bool concerns(const Facts& facts, std::string_view device, std::string_view site) noexcept
{
    return (device.empty() || facts.device == device) &&
           (site.empty() || site_matches(facts.site, facts.destination, site));
}

Matcher::Matcher(const EventQuery& query) : query_(query), site_(lowered(query.site)), text_(lowered(query.text)) {}

bool Matcher::matches(const Facts& facts) const noexcept
{
    if (query_.from_ms && facts.time_ms < *query_.from_ms)
        return false;
    if (query_.to_ms && facts.time_ms >= *query_.to_ms)
        return false;
    if (query_.product && facts.product != *query_.product)
        return false;
    if (query_.verdict && facts.verdict != *query_.verdict)
        return false;
    if (!query_.device.empty() && facts.device != query_.device)
        return false;
    if (!site_.empty() && !site_matches(facts.site, facts.destination, site_))
        return false;
    return text_.empty() || contains(facts.site, text_) || contains(facts.destination, text_) ||
           contains(facts.name, text_) || contains(facts.rule, text_);
}

bool Matcher::is_past(std::int64_t time_ms) const noexcept
{
    constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
    return query_.from_ms && time_ms >= clock_begins_ms && time_ms < *query_.from_ms - day_ms;
}

} // namespace paravent::statistics
