#include "rules/store.hpp"

#include "rules/packed_host.hpp"

#include <algorithm>
#include <cstring>

namespace paravent::rules {
namespace {

// The first byte of a rule: 0x80 a host rule, and then its spelling (bits 2 to 4); 0x03 how far its line is from the
// one before.
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

std::string_view RuleStore::host(RuleRef ref, char* out) const noexcept
{
    std::uint32_t line = 0;
    const std::size_t at = skip_line(ref, line);
    return {out, unpack_host({bytes_.data() + at + 1, byte(at)}, out)};
}

RuleRef RuleStore::next(RuleRef ref) const noexcept
{
    if (!is_host(ref))
        return behind_rule(ref);
    std::uint32_t line = 0;
    const std::size_t at = skip_line(ref, line);
    return static_cast<RuleRef>(at + 1 + byte(at));
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

} // namespace paravent::rules
