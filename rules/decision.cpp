#include "rules/decision.hpp"

#include "rules/packed_host.hpp"

namespace paravent::rules {

RuleRef* Decision::place_for(RuleRef ref, std::uint16_t flags) noexcept
{
    const bool exception = (flags & RuleStore::exception) != 0;
    const bool important = (flags & RuleStore::important) != 0;
    RuleRef* const place =
        exception ? (important ? &important_exception_ : &exception_) : (important ? &important_ : &block_);
    if (ref >= *place)
        return nullptr;
    if (!exception &&
        c_.ruling(c_.store.list(ref), (flags & RuleStore::not_intercepted) != 0, request_) == Action::allow)
        return nullptr;
    return place;
}

/// Where only the host is known, only rules that hold for every URL, type and page of it.
bool Decision::circumstances_fit(const Filter& filter) const noexcept
{
    return request_.host_only ? filter.whole_host && filter.unconditional() : conditions_hold(filter, now_);
}

bool Decision::fits_at(const Filter& filter, std::size_t at) noexcept
{
    const Url& url = url_.get();
    if (filter.start_anchored ? at != 0
                              : filter.host_anchored && (at < url.host_begin || at >= url.host_end ||
                                                         (at != url.host_begin && url.lower[at - 1] != '.')))
        return false;
    return matches_at(filter.pattern, filter.match_case ? url.exact : url.lower, at, filter.end_anchored);
}

void Decision::take(RuleRef* place, RuleRef ref, const Filter& filter, bool pattern_fits) noexcept
{
    if (pattern_fits && circumstances_fit(filter))
        *place = ref;
}

void Decision::ask_host(RuleRef ref, std::string_view domain)
{
    if (c_.store.is_host(ref)) {
        std::array<char, unpacked_room> name;
        if (RuleRef* const place = place_for(ref, 0); place != nullptr && c_.store.host(ref, name.data()) == domain)
            *place = ref;
        return;
    }
    RuleRef* const place = place_for(ref, c_.store.flags(ref));
    if (place == nullptr)
        return;
    const Filter filter = c_.store.rule(ref).filter;
    const bool fits = filter.pattern.substr(0, filter.pattern.size() - 1) == domain;
    if (fits && !filter.unconditional())
        (filter.exception ? paths_except_ : paths_block_) = true;
    take(place, ref, filter, fits);
}

void Decision::ask_path(RuleRef ref, std::size_t domain_begin)
{
    RuleRef* const place = place_for(ref, c_.store.flags(ref));
    if (place == nullptr)
        return;
    const Filter filter = c_.store.rule(ref).filter;
    if ((filter.types & now_.type()) != 0)
        take(place, ref, filter, fits_at(filter, url_.host_begin() + domain_begin));
}

void Decision::note_path(RuleRef ref, std::string_view domain)
{
    const std::uint16_t flags = c_.store.flags(ref);
    bool& noted = (flags & RuleStore::exception) != 0 ? paths_except_ : paths_block_;
    if (noted || place_for(ref, flags) == nullptr)
        return;
    const std::string_view pattern = c_.store.rule(ref).filter.pattern;
    noted = pattern.size() > domain.size() && pattern.starts_with(domain) &&
            std::string_view{"/^:?"}.find(pattern[domain.size()]) != std::string_view::npos;
}

void Decision::ask_token(RuleRef ref, std::size_t at)
{
    RuleRef* const place = place_for(ref, c_.store.flags(ref));
    if (place == nullptr)
        return;
    const StoredRule rule = c_.store.rule(ref);
    const Filter& filter = rule.filter;
    if (rule.token_offset == anywhere)
        return ask_anywhere(ref);
    // What stands between the stars around the token must stand around it in the URL too.
    const std::size_t star = filter.pattern.rfind('*', rule.token_offset);
    const std::size_t piece = star + 1; // npos + 1 is 0
    if (at < rule.token_offset - piece)
        return;
    const std::size_t begin = at - (rule.token_offset - piece);
    if (piece == 0)
        take(place, ref, filter, fits_at(filter, begin));
    else if (matches_at(filter.pattern.substr(piece, filter.pattern.find('*', piece) - piece),
                        filter.match_case ? url_.get().exact : url_.get().lower, begin, false))
        ask_anywhere(ref);
}

void Decision::ask_anywhere(RuleRef ref)
{
    RuleRef* const place = place_for(ref, c_.store.flags(ref));
    if (place == nullptr)
        return;
    const Filter filter = c_.store.rule(ref).filter;
    if (!circumstances_fit(filter))
        return;
    const Url& url = url_.get();
    if (filter.regex ? c_.regexes.matches(ref, filter, url.exact) : pattern_matches(filter, url))
        *place = ref;
}

/// The tokens of the URL that rules may be filed under, some at a time: all are looked for in memory at once.
void Decision::ask_tokens()
{
    struct Token {
        std::uint32_t at;
        std::uint32_t length;
        std::uint32_t hash;
    };
    std::array<Token, 32> met; // not set before it is used
    std::size_t count = 0;
    const std::string_view text = url_.get().lower;
    const TypeMask types = request_.host_only ? all_types : now_.type();
    const auto ask_met = [&] {
        for (std::size_t i = 0; i < count; ++i)
            c_.tokens.announce_rules(met[i].hash);
        for (std::size_t i = 0; i < count; ++i) {
            const auto [at, length, hash] = met[i];
            c_.tokens.find(hash, types, text.data() + at, at, length, [&](RuleRef ref) { ask_token(ref, at); });
        }
        count = 0;
    };
    for_each_token(text, [&](std::size_t at, unsigned length, std::uint32_t hash) {
        if (!c_.tokens.may_hold(hash))
            return;
        c_.tokens.announce(hash);
        met[count++] = {static_cast<std::uint32_t>(at), length, hash};
        if (count == met.size())
            ask_met();
    });
    ask_met();
}

void Decision::ask() noexcept
{
    const bool host_only = request_.host_only;
    struct Domain {
        std::size_t begin;
        std::uint32_t hash;
    };
    std::array<Domain, 128> domains; // a host of 253 bytes has no more; not set before it is used
    std::size_t count = 0;
    for_each_domain(request_.host, [&](std::size_t begin, std::uint32_t hash) {
        if (count == domains.size())
            return;
        domains[count++] = {begin, hash};
        c_.hosts.announce(hash);
    });
    for (std::size_t i = 0; i < count; ++i) {
        const auto [begin, hash] = domains[i];
        c_.hosts.find(hash, [&](RuleRef ref) { ask_host(ref, request_.host.substr(begin)); });
        if (!c_.paths.may_hold(hash))
            continue;
        if (host_only)
            c_.paths.kinds(hash, [&](RuleRef ref) { note_path(ref, request_.host.substr(begin)); });
        else
            c_.paths.find(hash, url_.path_start(), [&](RuleRef ref) { ask_path(ref, begin); });
    }
    if (!c_.tokens.empty())
        ask_tokens();
    if (!c_.page_domains.empty() && !request_.page_host.empty() && !host_only)
        for_each_domain(request_.page_host, [&](std::size_t, std::uint32_t hash) {
            c_.page_domains.find(hash, [&](RuleRef ref) { ask_anywhere(ref); });
        });
    for (const auto& [ref, types] : c_.rest)
        if ((types & now_.type()) != 0)
            ask_anywhere(ref);
}

Verdict Decision::verdict() const
{
    Verdict verdict;
    const RuleRef blocking = important_ != no_rule ? important_ : block_;
    const RuleRef exception = important_exception_ != no_rule ? important_exception_ : exception_;
    if (important_exception_ != no_rule || (important_ == no_rule && exception_ != no_rule)) {
        verdict.rule = c_.rule(exception);
        verdict.exception = true;
        if (blocking != no_rule)
            verdict.overrode = c_.rule(blocking);
    } else if (blocking != no_rule) {
        verdict.rule = c_.rule(blocking);
        const std::uint16_t flags = c_.store.flags(blocking);
        verdict.action = c_.ruling(c_.store.list(blocking), (flags & RuleStore::not_intercepted) != 0, request_);
        if ((flags & RuleStore::has_redirect) != 0)
            verdict.redirect = c_.store.rule(blocking).filter.redirect;
    }
    verdict.needs_inside = request_.host_only && (paths_block_ || (paths_except_ && blocking != no_rule));
    return verdict;
}

} // namespace paravent::rules
