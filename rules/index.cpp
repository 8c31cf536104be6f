#include "rules/compiled.hpp"
#include "rules/hashing.hpp"
#include "rules/packed_host.hpp"
#include "rules/regexes.hpp"
#include "rules/url_tokens.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>
#include <unordered_set>

namespace paravent::rules {
namespace {

/// Tokens that so many of 28,000 recorded requests contain that a rule is better filed under any other.
constexpr std::string_view common_tokens[] = {
    "https", "http",  "com",      "js",      "www",    "1",   "jpg",   "net",    "0",    "static", "images", "de",
    "2",     "png",   "v",        "s",       "google", "id",  "ru",    "3",      "img",  "css",    "t",      "a",
    "g",     "cdn",   "i",        "min",     "r",      "u",   "html",  "w",      "org",  "assets", "url",    "en",
    "ssl",   "h",     "content",  "fr",      "us",     "c",   "gif",   "pagead", "d",    "p",      "fonts",  "svg",
    "ads",   "api",   "co",       "pixel",   "m",      "wp",  "media", "v1",     "sync", "php",    "x",      "f",
    "ad",    "image", "user",     "tv",      "cd",     "o",   "cb",    "thumb",  "eu",   "y",      "tid",    "dl",
    "web",   "l",     "v2",       "data",    "cid",    "z",   "json",  "sites",  "b",    "e",      "type",   "page",
    "true",  "false", "uploads",  "n",       "index",  "js2", "files", "script", "4",    "5",      "6",      "7",
    "8",     "9",     "analytic", "https%3a"};

struct Token {
    std::uint32_t hash;
    std::uint32_t before;
    std::uint32_t behind;
    std::uint8_t offset;
    std::uint8_t size;
    bool behind_star;
};

std::uint32_t hash_of(std::string_view token)
{
    std::array<char, 8> bytes{};
    for (std::size_t i = 0; i < std::min<std::size_t>(8, token.size()); ++i)
        bytes[i] = token[i] >= 'A' && token[i] <= 'Z' ? static_cast<char>(token[i] + 32) : token[i];
    return hash_of_token(load8(bytes.data()));
}

/// One byte of what stands around a token; zero: anything may.
std::uint32_t certain_byte(std::string_view text, std::size_t at)
{
    if (at >= text.size() || text[at] == '*' || text[at] == '^' || static_cast<unsigned char>(text[at]) >= 0x80)
        return 0;
    const char c = text[at];
    return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/// Adds the tokens of `text` that are bounded on both sides, so that they are whole tokens of every URL it matches.
/// `placed`: the text is a pattern, and not a piece of an expression.
void add_tokens(std::string_view text, bool bounded_before, bool bounded_behind, bool placed, std::vector<Token>& out)
{
    bool star = false;
    for (std::size_t i = 0; i < text.size();) {
        if (!is_token_char(text[i])) {
            star = star || text[i] == '*';
            ++i;
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && is_token_char(text[i]))
            ++i;
        const bool before = begin == 0 ? bounded_before : !placed || text[begin - 1] != '*';
        // Only eight bytes of a token count, so what may follow them does not matter.
        const bool behind = i - begin >= 8 || (i == text.size() ? bounded_behind : !placed || text[i] != '*');
        if (!before || !behind)
            continue;
        Token token{.hash = hash_of(text.substr(begin, i - begin)),
                    .before = 0,
                    .behind = 0,
                    .offset = placed && begin < anywhere ? static_cast<std::uint8_t>(begin) : anywhere,
                    .size = static_cast<std::uint8_t>(std::min<std::size_t>(i - begin, 8)),
                    .behind_star = star};
        if (placed && i - begin < 64) {
            for (std::size_t k = 0; k < 4 && certain_byte(text, i + k) != 0; ++k)
                token.behind |= certain_byte(text, i + k) << (8 * k);
            for (std::size_t k = 0; k < 4 && k < begin && certain_byte(text, begin - 1 - k) != 0; ++k)
                token.before |= certain_byte(text, begin - 1 - k) << (24 - 8 * k);
        }
        out.push_back(token);
    }
}

void tokens_of(const Filter& f, std::vector<Token>& out)
{
    out.clear();
    if (!f.regex)
        return add_tokens(f.pattern, f.start_anchored || f.host_anchored, f.end_anchored, true, out);
    for (const std::string& piece : certain_pieces(f.pattern))
        add_tokens(piece, false, false, false, out);
}

/// The domains of pages a rule is for, where it is for no others and they are all plain names.
bool page_domains_of(std::string_view names, std::vector<std::string_view>& out)
{
    out.clear();
    while (!names.empty()) {
        const auto [name, negated] = next_value(names);
        if (negated)
            continue;
        if (name.ends_with(".*"))
            return false;
        out.push_back(name);
    }
    return !out.empty();
}

void drop(const std::unordered_set<RuleRef>& dead, PendingRules& pending)
{
    std::erase_if(pending.hosts, [&](const auto& e) { return dead.contains(e.value); });
    std::erase_if(pending.paths, [&](const auto& e) { return dead.contains(e.ref); });
    std::erase_if(pending.others, [&](RuleRef ref) { return dead.contains(ref); });
}

/// Takes out what a `badfilter` names.
void take_back(PendingRules& pending, const RuleStore& store)
{
    std::unordered_set<RuleRef> dead;
    std::array<char, unpacked_room> name;
    Filter whole;
    whole.host_anchored = whole.whole_host = true;
    store.for_each([&](RuleRef ref) {
        if (store.is_host(ref)) {
            whole.rewritten = store.host(ref, name.data());
            whole.rewritten += '^';
            whole.pattern = whole.rewritten;
            if (pending.bad.contains(identity_of(whole)))
                dead.insert(ref);
        } else if (pending.bad.contains(identity_of(store.rule(ref).filter))) {
            dead.insert(ref);
        }
    });
    drop(dead, pending);
}

constexpr std::uint32_t common = 100'000;

/// How often a token will be met where it need not be: fewer is better.
class Rarity {
public:
    Rarity(const std::vector<RuleRef>& rules, const RuleStore& store)
    {
        for (std::uint32_t i = 0; const std::string_view token : common_tokens)
            counts_[hash_of(token)] = common * 2 - 100 * i++;
        std::vector<Token> tokens;
        for (const RuleRef ref : rules) {
            tokens_of(store.rule(ref).filter, tokens);
            for (const Token& token : tokens)
                ++counts_[token.hash];
        }
    }

    std::uint32_t cost(const Token& token) const
    {
        constexpr std::array<std::uint32_t, 9> by_size = {0, 2000, 300, 40, 10, 4, 2, 1, 0};
        return counts_.at(token.hash) + by_size[token.size] + (token.behind_star ? 3U : 0U);
    }

private:
    std::unordered_map<std::uint32_t, std::uint32_t> counts_;
};

} // namespace

PathRules::PathRules(std::vector<Pending> pending)
{
    const auto by_host = [](const Pending& a, const Pending& b) {
        return a.hash != b.hash ? a.hash < b.hash : a.ref < b.ref;
    };
    std::sort(pending.begin(), pending.end(), by_host);
    std::vector<HashIndex::Entry> hosts;
    rules_.reserve(pending.size());
    std::vector<std::uint64_t> kinds;
    std::vector<Place> others;
    for (auto begin = pending.begin(); begin != pending.end();) {
        const auto end = std::find_if(begin, pending.end(), [&](const Pending& p) { return p.hash != begin->hash; });
        hosts.push_back({begin->hash, static_cast<std::uint32_t>(groups_.size())});
        groups_.push_back(static_cast<std::uint32_t>(rules_.size()));
        kinds.clear();
        others.clear();
        for (; begin != end; ++begin) {
            const bool first =
                kinds.size() < 0xffff && std::find(kinds.begin(), kinds.end(), begin->kind) == kinds.end();
            if (first)
                kinds.push_back(begin->kind);
            (first ? rules_ : others).push_back({begin->start, begin->ref});
        }
        kinds_.push_back(static_cast<std::uint16_t>(kinds.size()));
        rules_.insert(rules_.end(), others.begin(), others.end());
    }
    groups_.push_back(static_cast<std::uint32_t>(rules_.size()));
    groups_.shrink_to_fit();
    kinds_.shrink_to_fit();
    hosts_ = HashIndex(hosts);
    sieve_ = HashSieve(hosts);
}

TokenRules::TokenRules(const std::vector<Pending>& pending)
    : sieve_(pending), begins_(pending.size() / 4 + 2), rules_(pending.size())
{
    for (const Pending& p : pending)
        ++begins_[bucket_of(p.hash) + 1];
    for (std::size_t i = 1; i < begins_.size(); ++i)
        begins_[i] += begins_[i - 1];
    for (const Pending& p : pending) // each begin moves to where the next bucket begins
        rules_[begins_[bucket_of(p.hash)]++] = {static_cast<std::uint16_t>(p.hash), p.types, p.before, p.behind, p.ref};
    for (std::size_t i = begins_.size() - 1; i > 0; --i)
        begins_[i] = begins_[i - 1];
    begins_[0] = 0;
}

void index_rules(PendingRules pending, Ruleset::Compiled& compiled)
{
    RuleStore& store = compiled.store;
    store.finish();
    if (!pending.bad.empty())
        take_back(pending, store);
    compiled.size = pending.hosts.size() + pending.paths.size() + pending.others.size();
    compiled.hosts = HashIndex(pending.hosts);
    pending.hosts = {};
    compiled.paths = PathRules(std::move(pending.paths));

    const Rarity rarity(pending.others, store);
    std::vector<TokenRules::Pending> by_token;
    std::vector<HashIndex::Entry> by_page;
    std::vector<Token> tokens;
    std::vector<std::string_view> domains;
    for (const RuleRef ref : pending.others) {
        const StoredRule rule = store.rule(ref);
        tokens_of(rule.filter, tokens);
        const auto rarest = std::min_element(tokens.begin(), tokens.end(), [&](const Token& a, const Token& b) {
            return rarity.cost(a) < rarity.cost(b);
        });
        const bool rare = rarest != tokens.end() && rarity.cost(*rarest) < (rule.filter.regex ? 1000 : common);
        if (!rare && page_domains_of(rule.filter.domains, domains)) {
            for (const std::string_view domain : domains)
                by_page.push_back({hash_of_domain(domain), ref});
        } else if (rarest != tokens.end()) {
            store.set_token_offset(ref, rarest->offset);
            by_token.push_back({rarest->hash, rarest->before, rarest->behind, rule.filter.types, ref});
        } else {
            compiled.rest.push_back({ref, rule.filter.types});
        }
    }
    compiled.tokens = TokenRules(by_token);
    compiled.page_domains = HashIndex(by_page);
    compiled.rest.shrink_to_fit();
}

} // namespace paravent::rules
