// Rules that are no plain hosts, as they lie in the store: a head of a few bytes, then the line as written, then what
// is not in the line as it is wanted.
#include "rules/store.hpp"

namespace paravent::rules {
namespace {

// The first byte of such a rule, beside how far its line is from the one before.
constexpr unsigned usual_bit = 4;   // the pattern begins where it does if nothing was cut or rewritten
constexpr unsigned whole_bit = 8;   // nothing lies behind the line
constexpr unsigned to_end_bit = 16; // the pattern goes to the line's end

std::uint16_t flags_of(const StoredRule& rule)
{
    const Filter& f = rule.filter;
    const auto flag = [](bool on, unsigned bit) { return on ? bit : 0U; };
    return static_cast<std::uint16_t>(
        flag(f.exception, RuleStore::exception) | flag(f.important, RuleStore::important) |
        flag(f.host_anchored, RuleStore::host_anchored) | flag(f.start_anchored, RuleStore::start_anchored) |
        flag(f.end_anchored, RuleStore::end_anchored) | flag(f.regex, RuleStore::regex) |
        flag(f.match_case, RuleStore::match_case) | flag(f.not_intercepted, RuleStore::not_intercepted) |
        flag(f.whole_host, RuleStore::whole_host) | flag(f.methods != all_methods, RuleStore::has_methods) |
        flag(!f.domains.empty() || !f.to.empty() || !f.denyallow.empty(), RuleStore::has_names) |
        flag(!f.redirect.empty(), RuleStore::has_redirect) |
        flag(!rule.id.empty() || !rule.sentence.empty(), RuleStore::has_identifier) |
        flag(f.badfilter, RuleStore::badfilter));
}

/// Where the pattern of `text` begins if nothing was cut from it or rewritten.
std::uint32_t usual_begin(std::uint16_t flags) noexcept
{
    return ((flags & RuleStore::exception) != 0 ? 2U : 0U) + ((flags & RuleStore::host_anchored) != 0 ? 2U : 0U) +
           ((flags & (RuleStore::start_anchored | RuleStore::regex)) != 0 ? 1U : 0U);
}

/// What stands behind the pattern of a text without options.
std::uint32_t usual_rest(std::uint16_t flags) noexcept
{
    return (flags & (RuleStore::end_anchored | RuleStore::regex)) != 0 ? 1U : 0U;
}

} // namespace

RuleRef RuleStore::add(const StoredRule& rule, std::uint32_t line)
{
    const Filter& f = rule.filter;
    const std::uint16_t flags = flags_of(rule);
    // The parts that are not in the line as they are wanted lie behind it.
    std::size_t size = f.text.size();
    std::string behind;
    struct Place {
        std::uint32_t begin;
        std::uint32_t size;
    };
    const auto place = [&](std::string_view part) -> Place {
        const char* const begin = part.data();
        if (begin >= f.text.data() && begin + part.size() <= f.text.data() + f.text.size() && !part.empty())
            return {static_cast<std::uint32_t>(begin - f.text.data()), static_cast<std::uint32_t>(part.size())};
        behind += part;
        size += part.size();
        return {static_cast<std::uint32_t>(size - part.size()), static_cast<std::uint32_t>(part.size())};
    };
    const Place pattern = place(f.pattern);
    const bool usual = pattern.begin == usual_begin(flags);
    const std::array<Place, 3> names = {place(f.domains), place(f.to), place(f.denyallow)};
    const Place redirect = place(f.redirect);
    const Place id = place(rule.id);
    const Place sentence = place(rule.sentence);
    const RuleRef ref = begin_rule(line, size + 64);
    if (ref == no_rule)
        return ref;

    const bool whole = behind.empty();
    const bool to_end = pattern.begin + pattern.size + usual_rest(flags) == f.text.size();
    bytes_[ref] =
        static_cast<char>(byte(ref) | (usual ? usual_bit : 0U) | (whole ? whole_bit : 0U) | (to_end ? to_end_bit : 0U));
    const auto put16 = [&](unsigned n) {
        bytes_.push_back(static_cast<char>(n));
        bytes_.push_back(static_cast<char>(n >> 8));
    };
    put16(flags);
    put16(f.types | static_cast<unsigned>(f.party) << 12);
    bytes_.push_back(static_cast<char>(rule.token_offset));
    if ((flags & has_methods) != 0)
        put16(f.methods);
    if (!whole)
        put_number(static_cast<std::uint32_t>(size));
    put_number(static_cast<std::uint32_t>(f.text.size()));
    const auto put_place = [&](Place p) {
        put_number(p.begin);
        put_number(p.size);
    };
    if (!usual)
        put_number(pattern.begin);
    if (!to_end)
        put_number(pattern.size);
    if ((flags & has_names) != 0)
        for (const Place& p : names)
            put_place(p);
    if ((flags & has_redirect) != 0)
        put_place(redirect);
    if ((flags & has_identifier) != 0) {
        put_place(id);
        put_place(sentence);
    }
    bytes_.insert(bytes_.end(), f.text.begin(), f.text.end());
    bytes_.insert(bytes_.end(), behind.begin(), behind.end());
    return ref;
}

std::uint16_t RuleStore::flags(RuleRef ref) const noexcept
{
    if (is_host(ref))
        return host_anchored | whole_host;
    std::uint32_t line = 0;
    const std::size_t at = skip_line(ref, line);
    return static_cast<std::uint16_t>(byte(at) | byte(at + 1) << 8);
}

StoredRule RuleStore::rule(RuleRef ref) const noexcept
{
    StoredRule rule;
    Filter& f = rule.filter;
    std::uint32_t line = 0;
    std::size_t at = skip_line(ref, line);
    const auto take16 = [&] {
        at += 2;
        return static_cast<std::uint16_t>(byte(at - 2) | byte(at - 1) << 8);
    };
    const std::uint16_t flags = take16();
    const std::uint16_t types = take16();
    rule.token_offset = byte(at++);
    f.types = types & all_types;
    f.party = static_cast<Party>(types >> 12);
    f.exception = (flags & exception) != 0;
    f.important = (flags & important) != 0;
    f.host_anchored = (flags & host_anchored) != 0;
    f.start_anchored = (flags & start_anchored) != 0;
    f.end_anchored = (flags & end_anchored) != 0;
    f.regex = (flags & regex) != 0;
    f.match_case = (flags & match_case) != 0;
    f.not_intercepted = (flags & not_intercepted) != 0;
    f.whole_host = (flags & whole_host) != 0;
    f.badfilter = (flags & badfilter) != 0;

    if ((flags & has_methods) != 0)
        f.methods = take16();
    const unsigned head = byte(ref);
    if ((head & whole_bit) == 0)
        number(at); // the size of all
    const std::uint32_t text_size = number(at);
    const std::uint32_t pattern_begin = (head & usual_bit) != 0 ? usual_begin(flags) : number(at);
    const std::uint32_t pattern_size =
        (head & to_end_bit) != 0 ? text_size - usual_rest(flags) - pattern_begin : number(at);
    std::array<std::uint32_t, 12> places{};
    std::size_t count = 0;
    const auto take_places = [&](std::size_t n) {
        for (std::size_t i = 0; i < 2 * n; ++i)
            places[count + i] = number(at);
        count += 2 * n;
    };
    if ((flags & has_names) != 0)
        take_places(3);
    if ((flags & has_redirect) != 0)
        take_places(1);
    if ((flags & has_identifier) != 0)
        take_places(2);

    const char* const text = bytes_.data() + at;
    f.text = {text, text_size};
    f.pattern = {text + pattern_begin, pattern_size};
    count = 0;
    const auto part = [&] {
        count += 2;
        return std::string_view{text + places[count - 2], places[count - 1]};
    };
    if ((flags & has_names) != 0) {
        f.domains = part();
        f.to = part();
        f.denyallow = part();
    }
    if ((flags & has_redirect) != 0)
        f.redirect = part();
    if ((flags & has_identifier) != 0) {
        rule.id = part();
        rule.sentence = part();
    }
    return rule;
}

/// Where the rule after this one is.
RuleRef RuleStore::behind_rule(RuleRef ref) const noexcept
{
    std::uint32_t line = 0;
    std::size_t at = skip_line(ref, line);
    const auto flags = static_cast<std::uint16_t>(byte(at) | byte(at + 1) << 8);
    at += (flags & has_methods) != 0 ? 7 : 5;
    const unsigned head = byte(ref);
    const std::uint32_t size = number(at); // of all, or of the line where that is all
    const unsigned numbers = ((head & whole_bit) != 0 ? 0U : 1U) + ((head & usual_bit) != 0 ? 0U : 1U) +
                             ((head & to_end_bit) != 0 ? 0U : 1U) + ((flags & has_names) != 0 ? 6U : 0U) +
                             ((flags & has_redirect) != 0 ? 2U : 0U) + ((flags & has_identifier) != 0 ? 4U : 0U);
    for (unsigned i = 0; i < numbers; ++i)
        number(at);
    return static_cast<RuleRef>(at + size);
}

void RuleStore::set_token_offset(RuleRef ref, std::uint8_t offset) noexcept
{
    std::uint32_t line = 0;
    bytes_[skip_line(ref, line) + 4] = static_cast<char>(offset);
}

} // namespace paravent::rules
