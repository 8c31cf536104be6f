// A host as the URL standard compares it.
#include "rules/digits.hpp"
#include "rules/domains.hpp"
#include "rules/ip_address.hpp"
#include "rules/url_tokens.hpp"

#include <idn2.h>

#include <array>
#include <bit>
#include <cstring>
#include <memory>

namespace paravent::rules {
namespace {

constexpr std::size_t longest_host = 253;
// Every byte of a host may come percent-encoded, and a code point of four bytes may stand for one letter.
constexpr std::size_t longest_input = longest_host * 12;

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
        const EightLetters eight(word);
        const std::uint64_t wrong = ~eight.fine & words::high;
        const std::uint64_t here = wrong == 0 ? ~std::uint64_t{0} : (wrong & -wrong) - 1;
        // Two marks in a row: an empty label, or hyphens as A-labels have them.
        if ((eight.marks & (eight.marks << 8 | mark_before) & here) != 0)
            return 0;
        if (wrong != 0) {
            size += static_cast<std::size_t>(std::countr_zero(wrong)) / 8;
            break;
        }
        mark_before = eight.marks >> 56;
        size += 8;
        if (size > longest_host)
            return 0;
    }
    if (size == 0 || size > longest_host || text[0] == '.' || text[size - 1] == '.' || is_digit(text[size - 1]))
        return 0;
    const std::string_view host = text.substr(0, size);
    return host.substr(host.rfind('.') + 1).starts_with("0x") ? 0 : size; // may be a number
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

} // namespace paravent::rules
