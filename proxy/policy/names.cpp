#include "proxy/policy/names.hpp"

#include "proxy/policy/address.hpp"
#include "proxy/policy/devices.hpp"

namespace paravent::policy {
namespace {

/// The code point that begins at `at`, which moves behind it; nothing where the bytes are not UTF-8 (RFC 3629).
std::optional<char32_t> next_code_point(std::string_view text, std::size_t& at) noexcept
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    const std::size_t size = first < 0x80U   ? 1
                             : first < 0xC2U ? 0
                             : first < 0xE0U ? 2
                             : first < 0xF0U ? 3
                             : first < 0xF5U ? 4
                                             : 0;
    if (size == 0 || at + size > text.size())
        return std::nullopt;
    char32_t code = size == 1 ? first : first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(at + i) & 0xC0U) != 0x80U)
            return std::nullopt;
        code = (code << 6U) | (byte(at + i) & 0x3FU);
    }
    const bool overlong = (size == 3 && code < 0x800U) || (size == 4 && code < 0x10000U);
    if (overlong || code > 0x10FFFFU || (code >= 0xD800U && code <= 0xDFFFU))
        return std::nullopt;
    at += size;
    return code;
}

bool is_unsafe(char32_t c) noexcept
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200E || c == 0x200F || c == 0x61C || c == 0x2028 ||
           c == 0x2029 || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

} // namespace

bool is_plain_text(std::string_view text, std::size_t most) noexcept
{
    if (text.empty() || text.size() > most)
        return false;
    for (std::size_t at = 0; at < text.size();) {
        const auto c = next_code_point(text, at);
        if (!c || is_unsafe(*c))
            return false;
    }
    return true;
}

std::string checked_name(std::string_view name, const Record& record, Devices& devices)
{
    while (!name.empty() && name.front() == ' ')
        name.remove_prefix(1);
    while (!name.empty() && name.back() == ' ')
        name.remove_suffix(1);
    if (!is_plain_text(name, 64))
        throw PolicyError("a device's name has 1 to 64 bytes of plain text");
    if (normal_address(name) || normal_mac(name))
        throw PolicyError("\"" + std::string(name) + "\" is an address: give the device a name");
    if (const Record* other = devices.called(name); other != nullptr && other != &record)
        throw PolicyError("another device is called \"" + std::string(name) + "\" already (" + other->id + ")");
    return std::string(name);
}

} // namespace paravent::policy
