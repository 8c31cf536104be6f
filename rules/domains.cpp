#include "rules/domains.hpp"

#include "rules/url_tokens.hpp"

#include <idn2.h>
#include <libpsl.h>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>

namespace paravent::rules {
namespace {

constexpr std::size_t longest_host = 253;
// Every byte of a host may come percent-encoded, and a code point of four bytes may stand for one letter.
constexpr std::size_t longest_input = longest_host * 12;

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

enum class Letter : unsigned char { fine, upper, forbidden, not_ascii };

/// The URL standard's "forbidden domain code points" (ASCII only: the others are UTS #46's business).
constexpr std::array<Letter, 256> make_letters()
{
    std::array<Letter, 256> letters{};
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const char c = static_cast<char>(i);
        if (i >= 0x80)
            letters[i] = Letter::not_ascii;
        else if (i <= 0x20 || i == 0x7f || std::string_view{"#/:<>?@[\\]^|%"}.find(c) != std::string_view::npos)
            letters[i] = Letter::forbidden;
        else if (c >= 'A' && c <= 'Z')
            letters[i] = Letter::upper;
    }
    return letters;
}
constexpr std::array<Letter, 256> letters = make_letters();

constexpr Letter letter(char c)
{
    return letters[static_cast<unsigned char>(c)];
}

std::string percent_decoded(std::string_view in)
{
    std::string out;
    out.reserve(in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (in[i] == '%' && i + 2 < in.size() && hex_value(in[i + 1]) >= 0 && hex_value(in[i + 2]) >= 0) {
            out += static_cast<char>(hex_value(in[i + 1]) * 16 + hex_value(in[i + 2]));
            i += 2;
        } else {
            out += in[i];
        }
    }
    return out;
}

/// UTS #46, non-transitional, as browsers use it (underscores and hyphens anywhere are fine).
std::optional<std::string> to_a_labels(const std::string& name, bool ascii)
{
    char* out = nullptr;
    const int rc = idn2_to_ascii_8z(name.c_str(), &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    const std::unique_ptr<char, decltype(&idn2_free)> owner(out, &idn2_free);
    // Names like xn--n3h (a snowman) are registered, though IDNA2008 does not want them: browsers go there.
    if (ascii && (rc == IDN2_DISALLOWED || rc == IDN2_UNASSIGNED))
        return name;
    if (rc != IDN2_OK)
        return std::nullopt;
    return std::string{out};
}

/// What follows the last dot.
std::string_view last_label(std::string_view host)
{
    return host.substr(host.rfind('.') + 1); // npos + 1 is 0
}

/// The URL standard's "ends in a number checker".
bool ends_in_a_number(std::string_view host)
{
    if (host.empty() || hex_value(host.back()) < 0)
        return last_label(host) == "0x";
    const std::string_view last = last_label(host);
    if (last.find_first_not_of("0123456789") == std::string_view::npos)
        return true;
    return last.size() >= 2 && last[0] == '0' && last[1] == 'x' &&
           last.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

/// One part of an IPv4 address: decimal, octal (0…) or hexadecimal (0x…); an empty hexadecimal is 0.
std::optional<std::uint64_t> ipv4_number(std::string_view part)
{
    if (part.empty())
        return std::nullopt;
    unsigned base = 10;
    if (part.size() >= 2 && part[0] == '0') {
        base = part[1] == 'x' ? 16 : 8;
        part.remove_prefix(base == 16 ? 2 : 1);
    }
    std::uint64_t value = 0;
    for (const char c : part) {
        const int digit = hex_value(c);
        if (digit < 0 || static_cast<unsigned>(digit) >= base)
            return std::nullopt;
        value = value * base + static_cast<unsigned>(digit);
        if (value > 0xffffffff)
            return std::nullopt;
    }
    return value;
}

std::optional<std::string> normal_ipv4(std::string_view host)
{
    std::array<std::uint64_t, 4> numbers{};
    std::size_t count = 0;
    while (true) {
        const std::size_t dot = host.find('.');
        const auto number = ipv4_number(host.substr(0, dot));
        if (!number || count == numbers.size())
            return std::nullopt;
        numbers[count++] = *number;
        if (dot == std::string_view::npos)
            break;
        host.remove_prefix(dot + 1);
    }
    // The last number fills all bytes that are left: 127.1 is 127.0.0.1.
    std::uint64_t address = numbers[count - 1];
    if (address >= std::uint64_t{1} << (8 * (5 - count)))
        return std::nullopt;
    for (std::size_t i = 0; i + 1 < count; ++i) {
        if (numbers[i] > 255)
            return std::nullopt;
        address += numbers[i] << (8 * (3 - i));
    }
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        out += std::to_string(address >> shift & 0xff);
        if (shift > 0)
            out += '.';
    }
    return out;
}

/// The URL standard's IPv6 serializer (unlike inet_ntop's, mapped addresses are in hexadecimal too).
std::optional<std::string> normal_ipv6(std::string_view host)
{
    std::array<char, INET6_ADDRSTRLEN + 1> text{};
    if (host.size() >= text.size() || host.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::memcpy(text.data(), host.data(), host.size());
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET6, text.data(), bytes.data()) != 1)
        return std::nullopt;

    std::array<unsigned, 8> pieces{};
    for (std::size_t i = 0; i < 8; ++i)
        pieces[i] = bytes[2 * i] * 256U + bytes[2 * i + 1];

    std::size_t longest = 8;
    std::size_t longest_length = 1; // a single zero is not shortened
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t n = 0;
        while (i + n < 8 && pieces[i + n] == 0)
            ++n;
        if (n > longest_length) {
            longest = i;
            longest_length = n;
        }
    }

    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == longest) {
            out += i == 0 ? "::" : ":";
            i += longest_length - 1;
            continue;
        }
        constexpr std::string_view digits = "0123456789abcdef";
        bool significant = false;
        for (int shift = 12; shift >= 0; shift -= 4) {
            const unsigned digit = pieces[i] >> shift & 0xf;
            significant = significant || digit != 0 || shift == 0;
            if (significant)
                out += digits[digit];
        }
        if (i < 7)
            out += ':';
    }
    return out;
}

bool is_address(std::string_view host)
{
    return host.find(':') != std::string_view::npos || ends_in_a_number(host);
}

/// Eight characters of a host: which may stand in one that is plainly normal, and which are a dot or a hyphen.
struct EightLetters {
    std::uint64_t fine; ///< the high bit of each byte
    std::uint64_t marks;

    explicit EightLetters(std::uint64_t word) noexcept : fine(0), marks(words::in_range(word, '-', '.'))
    {
        fine =
            words::in_range(word, 'a', 'z') | words::in_range(word, '0', '9') | words::in_range(word, '_', '_') | marks;
    }
};

std::optional<std::string> made_normal(std::string_view host)
{
    if (host.empty() || host.size() > longest_input)
        return std::nullopt;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        return normal_ipv6(host.substr(1, host.size() - 2));
    if (host.find(':') != std::string_view::npos)
        return normal_ipv6(host);

    std::string name = host.find('%') == std::string_view::npos ? std::string{host} : percent_decoded(host);
    bool ascii = true;
    bool hyphens = false; // two in a row: A-labels have them
    char before = 0;
    for (char& c : name) {
        if (const Letter kind = letter(c); kind != Letter::fine) {
            if (kind == Letter::forbidden)
                return std::nullopt;
            if (kind == Letter::not_ascii)
                ascii = false;
            else
                c = static_cast<char>(c + 32);
        }
        hyphens = hyphens || (c == '-' && before == '-');
        before = c;
    }
    // Pure ASCII is its own A-label form; labels that claim to be A-labels are checked (they must decode and encode
    // back), since "xn--" with nonsense behind it would pass rules written for the real name.
    if (!ascii || (hyphens && (name.starts_with("xn--") || name.find(".xn--") != std::string::npos))) {
        auto mapped = to_a_labels(name, ascii);
        if (!mapped)
            return std::nullopt;
        name = std::move(*mapped);
        for (const char c : name)
            if (letter(c) == Letter::forbidden || letter(c) == Letter::not_ascii)
                return std::nullopt;
    }
    if (name.ends_with('.'))
        name.pop_back();
    if (name.empty() || name.size() > longest_host || name.front() == '.' || name.back() == '.' ||
        name.find("..") != std::string::npos)
        return std::nullopt;
    if (ends_in_a_number(name))
        return normal_ipv4(name);
    return name;
}

} // namespace

std::size_t plainly_normal_size(std::string_view text) noexcept
{
    std::size_t size = 0;
    std::uint64_t mark_before = 0;
    while (true) {
        std::uint64_t word = 0; // a zero byte ends the host
        if (size + 8 <= text.size())
            word = load8(text.data() + size);
        else
            std::memcpy(&word, text.data() + size, text.size() - size);
        const EightLetters letters(word);
        const std::uint64_t wrong = ~letters.fine & words::high;
        const std::uint64_t here = wrong == 0 ? ~std::uint64_t{0} : (wrong & -wrong) - 1;
        // Two marks in a row: an empty label, or hyphens as A-labels have them.
        if ((letters.marks & (letters.marks << 8 | mark_before) & here) != 0)
            return 0;
        if (wrong != 0) {
            size += static_cast<std::size_t>(std::countr_zero(wrong)) / 8;
            break;
        }
        mark_before = letters.marks >> 56;
        size += 8;
        if (size > longest_host)
            return 0;
    }
    if (size == 0 || size > longest_host || text[0] == '.' || text[size - 1] == '.' || is_digit(text[size - 1]))
        return 0;
    const std::string_view last = last_label(text.substr(0, size));
    return last.starts_with("0x") ? 0 : size; // may be a number
}

namespace {

bool is_plainly_normal(std::string_view host) noexcept
{
    return !host.empty() && plainly_normal_size(host) == host.size();
}

} // namespace

std::optional<std::string> normal_host(std::string_view host)
{
    return is_plainly_normal(host) ? std::string{host} : made_normal(host);
}

std::optional<std::string_view> normal_host(std::string_view host, std::string& room)
{
    if (is_plainly_normal(host))
        return host;
    auto made = made_normal(host);
    if (!made)
        return std::nullopt;
    room = std::move(*made);
    return room;
}

std::string_view registrable_domain(std::string_view host) noexcept
{
    std::array<char, longest_host + 1> text{};
    if (host.empty() || host.size() > longest_host || is_address(host))
        return host;
    std::memcpy(text.data(), host.data(), host.size());
    const char* domain = psl_registrable_domain(psl_builtin(), text.data());
    return domain == nullptr ? host : host.substr(static_cast<std::size_t>(domain - text.data()));
}

bool is_or_below(std::string_view host, std::string_view domain) noexcept
{
    if (domain.empty() || !host.ends_with(domain))
        return false;
    // An address has no names below it: 1.2.3.4 does not lie below 3.4.
    return host.size() == domain.size() || (host[host.size() - domain.size() - 1] == '.' && !is_address(host));
}

bool same_site(std::string_view a, std::string_view b) noexcept
{
    if (a == b)
        return true;
    // The labels that both end in: one site if they are more than a public suffix. Most pairs share less than two.
    const std::size_t shorter = std::min(a.size(), b.size());
    std::size_t same = 0;
    std::size_t common = 0;
    while (same < shorter && a[a.size() - 1 - same] == b[b.size() - 1 - same]) {
        ++same;
        const bool a_label = same == a.size() || a[a.size() - 1 - same] == '.';
        const bool b_label = same == b.size() || b[b.size() - 1 - same] == '.';
        if (a_label && b_label)
            common = same;
    }
    const std::string_view shared = a.substr(a.size() - common);
    if (shared.find('.') == std::string_view::npos || is_address(a) || is_address(b) || a.size() > longest_host)
        return false;
    std::array<char, longest_host + 1> text;
    std::memcpy(text.data(), shared.data(), shared.size());
    text[shared.size()] = '\0';
    return psl_is_public_suffix(psl_builtin(), text.data()) == 0;
}

} // namespace paravent::rules
