#include "rules/packed_host.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace paravent::rules {
namespace {

/// What host names in lists are made of, in alphabetical order, chosen by how many bytes each piece saves over 24,000
/// names.
constexpr std::string_view pieces[] = {
    "-active",  "-mach",    "-p",       ".a",       ".actonse", ".c",       ".cloudfr", ".co.",   ".com",
    ".de",      ".info",    ".machine", ".net",     ".net.zoo", ".online",  ".org",     ".pl",    ".s",
    ".shop",    ".site",    ".space",   ".website", ".xyz",     "7.net",    "a.com",    "ac",     "active",
    "ad",       "admini",   "al",       "an",       "anal",     "ap",       "app",      "ar",     "at",
    "ation",    "b.com",    "ba",       "be",       "c.com",    "ca",       "ce",       "ce.com", "ch",
    "click",    "cloudfro", "co",       "com",      "control.", "coun",     "ct",       "d.com",  "da",
    "data",     "de",       "der",      "di",       "do",       "doc",      "duction",  "e.",     "e.com",
    "ed",       "edge.net", "en",       "er",       "er.com",   "es",       "es.com",   "et",     "g.",
    "g.com",    "ge",       "go.",      "h.com",    "he",       "hinevisi", "ho",       "i.com",  "ic",
    "il",       "in",       "ine",      "inevisio", "info",     "info.",    "ing",      "ing.",   "ing.com",
    "inpost-p", "inte",     "ion",      "is",       "ision",    "ision.ne", "it",       "k.com",  "l.",
    "l.com",    "la",       "le",       "li",       "lick",     "link",     "lo",       "lus.it", "m.",
    "m.com",    "ma",       "machinev", "mai",      "main.com", "marketin", "me",       "medi",   "ment",
    "metrics.", "ministra", "mo",       "n.",       "n.com",    "n.net.zo", "ne",       "net",    "net.zoop",
    "new",      "no",       "ns-",      "ns-pro",   "ns.",      "ns.mac",   "nt",       "o.com",  "o7.net",
    "ol",       "olska",    "on",       "online",   "ont.net",  "oplus.it", "or",       "order",  "p.com",
    "pa",       "per",      "pl",       "plus.it",  "po",       "pon",      "pr",       "pro",    "qpon",
    "r.com",    "ra",       "re",       "reco",     "ri",       "ro",       "rvice.co", "s.",     "s.com",
    "s.net.",   "se",       "search",   "secure.",  "server",   "servic",   "site",     "ska",    "smetrics",
    "space",    "spot.com", "ss",       "st",       "stat",     "stats.",   "strator",  "t.",     "t.com",
    "t.zooplu", "ta",       "te",       "ter",      "test",     "ti",       "tion",     "to",     "tr",
    "track",    "uction",   "un",       "ur",       "us",       "us.com",   "ve",       "ve.com", "vent",
    "ver",      "vi",       "vision",   "wa",       "web",      "website",  "www.",     "www.d",  "www.inpo",
    "www.po",   "www.s",    "x.com",    "y.",       "y.com",    "ytics.",   "zooplus.",
};

constexpr std::string_view letters = "-._0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t longest_piece = 8;

/// A code is a letter itself, or one of the bytes that are no letter of a host name.
struct Code {
    std::array<char, longest_piece> text{};
    std::uint8_t size = 0;
};

struct Candidate {
    std::uint64_t text = 0; ///< as a load of eight bytes finds it, the rest zero
    std::uint64_t mask = 0;
    std::uint8_t size = 0;
    std::uint8_t code = 0;
};

struct Tables {
    std::array<Code, 256> codes{};
    std::array<Candidate, std::size(pieces)> candidates{};
    /// For each pair of letters: the candidates that begin with it. They are in alphabetical order, so of those that
    /// fit somewhere, each but the last begins the next: the last is the longest.
    std::array<std::uint8_t, 40 * 40> first{};
    std::array<std::uint8_t, 40 * 40> count{};
    std::array<std::uint8_t, 256> number{};

    constexpr Tables()
    {
        static_assert(std::size(pieces) + letters.size() <= 256);
        for (auto& n : number)
            n = static_cast<std::uint8_t>(letters.size());
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const auto c = static_cast<unsigned char>(letters[i]);
            number[c] = static_cast<std::uint8_t>(i);
            codes[c].text[0] = letters[i];
            codes[c].size = 1;
        }
        std::size_t code = 0;
        for (std::size_t i = 0; i < std::size(pieces); ++i, ++code) {
            while (codes[code].size != 0)
                ++code;
            Candidate& candidate = candidates[i];
            candidate.size = codes[code].size = static_cast<std::uint8_t>(pieces[i].size());
            candidate.code = static_cast<std::uint8_t>(code);
            for (std::size_t k = 0; k < pieces[i].size(); ++k) {
                codes[code].text[k] = pieces[i][k];
                candidate.text |= std::uint64_t{static_cast<unsigned char>(pieces[i][k])} << (8 * k);
                candidate.mask |= std::uint64_t{0xff} << (8 * k);
            }
        }
        for (std::size_t i = candidates.size(); i-- > 0;) {
            const std::size_t pair = pair_of(pieces[i][0], pieces[i][1]);
            first[pair] = static_cast<std::uint8_t>(i);
            ++count[pair];
        }
    }

    constexpr std::size_t pair_of(char a, char b) const
    {
        return number[static_cast<unsigned char>(a)] * 40U + number[static_cast<unsigned char>(b)];
    }
};

constexpr Tables tables;

} // namespace

std::size_t pack_host(std::string_view host, char* out) noexcept
{
    std::array<char, longest_host_name + longest_piece> text{};
    std::memcpy(text.data(), host.data(), host.size());
    char* const packed = out;
    for (std::size_t i = 0; i < host.size();) {
        const std::size_t pair = tables.pair_of(text[i], text[i + 1]);
        std::uint64_t next = 0;
        std::memcpy(&next, text.data() + i, sizeof next);
        const Candidate* const begin = tables.candidates.data() + tables.first[pair];
        const Candidate* candidate = begin + tables.count[pair];
        // Behind the name there are zeros, which no piece holds.
        while (candidate != begin && (next & candidate[-1].mask) != candidate[-1].text)
            --candidate;
        if (candidate != begin) {
            *out++ = static_cast<char>(candidate[-1].code);
            i += candidate[-1].size;
        } else if (tables.number[static_cast<unsigned char>(text[i])] == letters.size()) {
            return 0; // the byte stands for a piece
        } else {
            *out++ = text[i++];
        }
    }
    return static_cast<std::size_t>(out - packed);
}

std::size_t unpack_host(std::string_view packed, char* out) noexcept
{
    char* const begin = out;
    for (const char c : packed) {
        const Code& code = tables.codes[static_cast<unsigned char>(c)];
        std::memcpy(out, code.text.data(), longest_piece);
        out += code.size;
    }
    return static_cast<std::size_t>(out - begin);
}

} // namespace paravent::rules
