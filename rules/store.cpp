#include "rules/store.hpp"

#include "rules/packed_host.hpp"

#include <algorithm>
#include <cstring>

namespace paravent::rules {
namespace {

// The first byte of a rule: 0x80 a host rule, 0x0c its spelling (bits 2 to 4), 0x03 how far its line is from the one
// before.
constexpr unsigned host_bit = 0x80;
constexpr unsigned next_line = 0;
constexpr unsigned same_line = 1;
constexpr unsigned lines_ahead = 2; // how many follows as a number

struct Spelling {
    std::string_view before;
    std::string_view behind;
};
constexpr Spelling spellings[] = {
    {"", ""},          {"||", "^"},         {"0.0.0.0 ", ""}, {"127.0.0.1 ", ""},
    {"0.0.0.0\t", ""}, {"127.0.0.1\t", ""}, {":: ", ""},      {"127.0.0.1  ", ""},
};

/// A mark stands every so many bytes, so that finding a rule's line takes a look at some twenty others.
constexpr std::size_t mark_distance = 512;

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
std::size_t usual_begin(std::uint16_t flags)
{
    return ((flags & RuleStore::exception) != 0 ? 2U : 0U) + ((flags & RuleStore::host_anchored) != 0 ? 2U : 0U) +
           ((flags & (RuleStore::start_anchored | RuleStore::regex)) != 0 ? 1U : 0U);
}

} // namespace

void RuleStore::begin_list()
{
    if (!list_ends_.empty())
        list_ends_.back() = static_cast<RuleRef>(bytes_.size());
    list_ends_.push_back(no_rule);
    last_line_ = 0;
    marks_.push_back({static_cast<RuleRef>(bytes_.size()), 0});
}

void RuleStore::finish()
{
    bytes_.shrink_to_fit();
    marks_.shrink_to_fit();
}

void RuleStore::put_number(std::uint32_t n)
{
    for (; n >= 0x80; n >>= 7)
        bytes_.push_back(static_cast<char>(n | 0x80));
    bytes_.push_back(static_cast<char>(n));
}

std::uint32_t RuleStore::number(std::size_t& at) const noexcept
{
    std::uint32_t n = 0;
    for (unsigned shift = 0;; shift += 7) {
        const unsigned char c = byte(at++);
        n |= static_cast<std::uint32_t>(c & 0x7f) << shift;
        if (c < 0x80)
            return n;
    }
}

RuleRef RuleStore::begin_rule(std::uint32_t line, std::size_t room)
{
    if (bytes_.size() + room + 16 > most_bytes)
        return no_rule;
    const auto ref = static_cast<RuleRef>(bytes_.size());
    if (ref - marks_.back().ref >= mark_distance)
        marks_.push_back({ref, last_line_});
    const std::uint32_t ahead = line - last_line_;
    last_line_ = line;
    bytes_.push_back(static_cast<char>(ahead == 1 ? next_line : ahead == 0 ? same_line : lines_ahead));
    if (ahead > 1)
        put_number(ahead);
    return ref;
}

/// The position behind a rule's line number, which is added to `line`.
std::size_t RuleStore::skip_line(RuleRef ref, std::uint32_t& line) const noexcept
{
    const unsigned code = byte(ref) & 3U;
    std::size_t at = ref + 1U;
    line += code == next_line ? 1 : code == same_line ? 0 : number(at);
    return at;
}

RuleRef RuleStore::add_host(std::string_view host, std::string_view text, std::uint32_t line)
{
    unsigned spelling = 0;
    for (const auto& [before, behind] : spellings) {
        if (text.size() == before.size() + host.size() + behind.size() && text.starts_with(before) &&
            text.ends_with(behind) && text.substr(before.size(), host.size()) == host)
            break;
        ++spelling;
    }
    if (spelling == std::size(spellings))
        return no_rule;
    std::array<char, longest_host_name> packed; // NOLINT: filled below
    const std::size_t size = pack_host(host, packed.data());
    const RuleRef ref = size == 0 ? no_rule : begin_rule(line, longest_host_name);
    if (ref == no_rule)
        return ref;
    bytes_[ref] = static_cast<char>(byte(ref) | host_bit | spelling << 2);
    bytes_.push_back(static_cast<char>(size));
    bytes_.insert(bytes_.end(), packed.data(), packed.data() + size);
    return ref;
}

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

    bytes_[ref] = static_cast<char>(byte(ref) | (usual ? 4U : 0U));
    const auto put16 = [&](unsigned n) {
        bytes_.push_back(static_cast<char>(n));
        bytes_.push_back(static_cast<char>(n >> 8));
    };
    put16(flags);
    put16(f.types | static_cast<unsigned>(f.party) << 12);
    bytes_.push_back(static_cast<char>(rule.token_offset));
    if ((flags & has_methods) != 0)
        put16(f.methods);
    put_number(static_cast<std::uint32_t>(size));
    put_number(static_cast<std::uint32_t>(f.text.size()));
    const auto put_place = [&](Place p) {
        put_number(p.begin);
        put_number(p.size);
    };
    if (!usual)
        put_number(pattern.begin);
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

std::string_view RuleStore::host(RuleRef ref, char* out) const noexcept
{
    std::uint32_t line = 0;
    const std::size_t at = skip_line(ref, line);
    return {out, unpack_host({bytes_.data() + at + 1, byte(at)}, out)};
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
    number(at); // the size of all
    const std::uint32_t text_size = number(at);
    const std::uint32_t pattern_begin =
        (byte(ref) & 4U) != 0 ? static_cast<std::uint32_t>(usual_begin(flags)) : number(at);
    const std::uint32_t pattern_size = number(at);
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

RuleRef RuleStore::next(RuleRef ref) const noexcept
{
    std::uint32_t line = 0;
    std::size_t at = skip_line(ref, line);
    if (is_host(ref))
        return static_cast<RuleRef>(at + 1 + byte(at));
    const auto flags = static_cast<std::uint16_t>(byte(at) | byte(at + 1) << 8);
    at += (flags & has_methods) != 0 ? 7 : 5;
    const std::uint32_t size = number(at);
    const unsigned numbers = ((byte(ref) & 4U) != 0 ? 2U : 3U) + ((flags & has_names) != 0 ? 6U : 0U) +
                             ((flags & has_redirect) != 0 ? 2U : 0U) + ((flags & has_identifier) != 0 ? 4U : 0U);
    for (unsigned i = 0; i < numbers; ++i)
        number(at);
    return static_cast<RuleRef>(at + size);
}

std::string RuleStore::text(RuleRef ref) const
{
    if (!is_host(ref))
        return std::string{rule(ref).filter.text};
    std::array<char, unpacked_room> name;
    const Spelling& spelling = spellings[byte(ref) >> 2 & 7];
    std::string text{spelling.before};
    text += host(ref, name.data());
    text += spelling.behind;
    return text;
}

std::uint32_t RuleStore::line(RuleRef ref) const noexcept
{
    auto mark = std::upper_bound(marks_.begin(), marks_.end(), ref, [](RuleRef r, const Mark& m) { return r < m.ref; });
    --mark;
    // An empty list leaves its mark where the next one begins: the last of them is the right one.
    std::uint32_t line = mark->line_before;
    for (RuleRef at = mark->ref; at != ref; at = next(at))
        skip_line(at, line);
    skip_line(ref, line);
    return line;
}

void RuleStore::set_token_offset(RuleRef ref, std::uint8_t offset) noexcept
{
    std::uint32_t line = 0;
    bytes_[skip_line(ref, line) + 4] = static_cast<char>(offset);
}

} // namespace paravent::rules
