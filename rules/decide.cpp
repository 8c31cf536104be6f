#include "rules/compiled.hpp"
#include "rules/conditions.hpp"
#include "rules/hashing.hpp"
#include "rules/packed_host.hpp"
#include "rules/parsed_url.hpp"
#include "rules/pattern.hpp"
#include "rules/url_tokens.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace paravent::rules {
namespace {

/// The URL of a request; its copy in lower case is made when the first rule asks for it.
class UrlText {
public:
    /// `url` has `host` from `host_begin` on.
    UrlText(std::string_view url, std::size_t host_begin, std::size_t host_size) noexcept
        : url_{{}, url, host_begin, host_begin + host_size}
    {
    }

    const Url& get() noexcept
    {
        if (url_.lower.data() == nullptr) {
            write_lower(url_.exact, buffer_.data());
            url_.lower = {buffer_.data(), url_.exact.size()};
        }
        return url_;
    }
    std::size_t host_begin() const noexcept { return url_.host_begin; }
    /// Four bytes of the path, one behind the host's end.
    std::uint32_t path_start() noexcept
    {
        const Url& url = get();
        return static_cast<std::uint32_t>(load8(url.lower.data() + std::min(url.host_end + 1, url.lower.size())));
    }

private:
    Url url_;
    std::array<char, longest_url + padding> buffer_; // not set: most requests need a hundred bytes of it or none
};

/// One decision: the best rule of each kind so far.
class Decision {
public:
    Decision(const Ruleset::Compiled& compiled, const Request& request, UrlText& url) noexcept
        : c_(compiled), request_(request), url_(url), now_(request)
    {
    }

    void ask() noexcept;
    Verdict verdict() const;

private:
    void ask_host(RuleRef ref, std::string_view domain);
    void ask_path(RuleRef ref, std::size_t domain_begin);
    void ask_tokens();
    void ask_token(RuleRef ref, std::size_t at);
    void ask_anywhere(RuleRef ref);
    void note_path(RuleRef ref, std::string_view domain);

    /// The place for the best of the rule's kind, or null where the rule need not be looked at.
    RuleRef* place_for(RuleRef ref, std::uint16_t flags) noexcept;
    bool circumstances_fit(const Filter& filter) const noexcept;
    bool fits_at(const Filter& filter, std::size_t at) noexcept;
    void take(RuleRef* place, RuleRef ref, const Filter& filter, bool pattern_fits) noexcept;

    const Ruleset::Compiled& c_;
    const Request& request_;
    UrlText& url_;
    Circumstances now_;
    RuleRef important_ = no_rule;
    RuleRef block_ = no_rule;
    RuleRef exception_ = no_rule;
    bool paths_block_ = false;  // a rule about paths of this host (or with options) could block
    bool paths_except_ = false; // … or make an exception
};

RuleRef* Decision::place_for(RuleRef ref, std::uint16_t flags) noexcept
{
    const bool exception = (flags & RuleStore::exception) != 0;
    RuleRef* const place = exception ? &exception_ : (flags & RuleStore::important) != 0 ? &important_ : &block_;
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
    if (important_ == no_rule && exception_ != no_rule) {
        verdict.rule = c_.rule(exception_);
        verdict.exception = true;
        if (block_ != no_rule)
            verdict.overrode = c_.rule(block_);
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

[[gnu::noinline]] Verdict decide_about(const Ruleset::Compiled& compiled, const Request& request, std::string_view url,
                                       std::size_t host_begin)
{
    UrlText text(url, host_begin, request.host.size());
    Decision decision(compiled, request, text);
    decision.ask();
    return decision.verdict();
}

/// The port of the scheme, written out (":443"): patterns expect it to be left out, as browsers do.
std::size_t usual_port_size(std::string_view url, std::size_t at) noexcept
{
    const bool secure = url.starts_with("https:") || url.starts_with("wss:");
    const std::string_view port = secure ? ":443" : ":80";
    const std::size_t end = at + port.size();
    return url.compare(at, port.size(), port) == 0 && (end >= url.size() || url[end] == '/' || url[end] == '?')
               ? port.size()
               : 0;
}

/// The same URL with its host in normal form and without the scheme's own port.
[[gnu::noinline]] Verdict decide_rewritten(const Ruleset::Compiled& compiled, const Request& request,
                                           std::string_view url, std::size_t begin)
{
    const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
    std::size_t host_end = begin;
    if (begin < end && url[begin] == '[')
        host_end = std::min(url.find(']', begin), end - 1) + 1;
    else
        host_end = std::min(url.find(':', begin), end);
    std::array<char, longest_url> rewritten; // not set before it is used
    std::size_t size = 0;
    for (const std::string_view part :
         {url.substr(0, begin), request.host, url.substr(host_end + usual_port_size(url, host_end))}) {
        const std::size_t n = std::min(part.size(), rewritten.size() - size);
        std::memcpy(rewritten.data() + size, part.data(), n);
        size += n;
    }
    return decide_about(compiled, request, {rewritten.data(), size}, begin);
}

} // namespace

Verdict Ruleset::decide(const Request& request) const
{
    const std::string_view url = request.url.substr(0, longest_url);
    const std::size_t authority = behind_scheme(url);
    std::size_t begin = authority;
    if (begin < url.size() && url[begin] == '[' && request.host.find(':') != std::string_view::npos)
        ++begin;
    const std::size_t end = begin + request.host.size();
    if (url.compare(begin, request.host.size(), request.host) == 0 &&
        (end == url.size() || url[end] == '/' || url[end] == '?' || url[end] == ']' ||
         (url[end] == ':' && usual_port_size(url, end) == 0)))
        return decide_about(*compiled_, request, url, begin);
    return decide_rewritten(*compiled_, request, url, authority);
}

} // namespace paravent::rules
