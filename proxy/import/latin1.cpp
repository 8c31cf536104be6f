#include "proxy/import/latin1.hpp"

#include "proxy/activity/text.hpp"

#include <algorithm>
#include <optional>

namespace paravent::imports {
namespace {

unsigned char byte(char c) noexcept
{
    return static_cast<unsigned char>(c);
}

/// The text with one byte for each character; nothing where a character has no such byte.
std::optional<std::string> bytes_of(std::string_view text)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (byte(text[i]) < 0x80) {
            bytes += text[i];
            continue;
        }
        // U+0080 to U+00FF are C2 80 to C3 BF.
        if (byte(text[i]) != 0xC2 && byte(text[i]) != 0xC3)
            return std::nullopt;
        if (i + 1 >= text.size() || (byte(text[i + 1]) & 0xC0) != 0x80)
            return std::nullopt;
        bytes += static_cast<char>(((byte(text[i]) & 3) << 6) | (byte(text[i + 1]) & 0x3F));
        ++i;
    }
    return bytes;
}

/// How many bytes of a character that is not whole stand at the end.
std::size_t unfinished(std::string_view text) noexcept
{
    std::size_t tail = 0;
    while (tail < std::min<std::size_t>(3, text.size()) && (byte(text[text.size() - 1 - tail]) & 0xC0) == 0x80)
        ++tail;
    if (tail >= text.size())
        return 0;
    const auto lead = byte(text[text.size() - 1 - tail]);
    const std::size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
    return wanted > tail ? tail + 1 : 0;
}

bool is_utf8(std::string_view text)
{
    // What clean_text cannot read becomes U+FFFD, which no text of Latin-1's bytes has by itself.
    return activity::clean_text(text, text.size() * 3).find("\xEF\xBF\xBD") == std::string::npos;
}

} // namespace

std::string mend_latin1(std::string_view text, bool cut)
{
    if (cut)
        text.remove_suffix(unfinished(text));
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return byte(c) < 0x80; });
    auto bytes = plain ? std::nullopt : bytes_of(text);
    if (bytes && cut)
        bytes->resize(bytes->size() - unfinished(*bytes));
    return bytes && is_utf8(*bytes) ? std::move(*bytes) : std::string(text);
}

} // namespace paravent::imports
