#include "proxy/dashboard/lone_surrogates.hpp"

#include <charconv>
#include <optional>
#include <string_view>

namespace paravent::dashboard {
namespace {

constexpr std::size_t escape_size = 6; ///< "\ud83d"

/// The number of an escape that begins at `at`; nothing where there is none.
std::optional<unsigned> escape_at(std::string_view text, std::size_t at) noexcept
{
    const auto escape = text.substr(at, escape_size);
    if (escape.size() < escape_size || !escape.starts_with("\\u"))
        return std::nullopt;
    unsigned value = 0;
    const auto [end, error] = std::from_chars(escape.data() + 2, escape.data() + escape_size, value, 16);
    if (error != std::errc{} || end != escape.data() + escape_size)
        return std::nullopt;
    return value;
}

} // namespace

std::size_t replace_lone_surrogates(std::string& text, bool last) noexcept
{
    for (auto at = text.find('\\'); at != std::string::npos; at = text.find('\\', at)) {
        if (!last && text.size() - at < 2 * escape_size)
            return at;
        const auto value = escape_at(text, at);
        if (!value) {
            at += 2;
            continue;
        }
        const bool leads = *value >= 0xD800 && *value < 0xDC00, trails = *value >= 0xDC00 && *value < 0xE000;
        const auto next = leads ? escape_at(text, at + escape_size) : std::nullopt;
        if (next && *next >= 0xDC00 && *next < 0xE000) {
            at += 2 * escape_size;
            continue;
        }
        if (leads || trails)
            text.replace(at, escape_size, "\\ufffd");
        at += escape_size;
    }
    return text.size();
}

} // namespace paravent::dashboard
