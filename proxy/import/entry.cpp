#include "proxy/import/entry.hpp"

#include <algorithm>
#include <array>

namespace paravent::imports {
namespace {

constexpr std::string_view facebook = "apps_and_websites_off_of_facebook";
constexpr std::string_view instagram = "apps_and_websites_off_of_instagram";

/// Calls `f` with each part between slashes (a zip made on Windows has backslashes) until it says no.
template <class F>
bool all_parts(std::string_view path, F f)
{
    for (;;) {
        const auto end = path.find_first_of("/\\");
        if (!f(path.substr(0, end)))
            return false;
        if (end == std::string_view::npos)
            return true;
        path.remove_prefix(end + 1);
    }
}

bool has_part(std::string_view path, std::string_view wanted)
{
    return !all_parts(path, [&](std::string_view part) { return part != wanted; });
}

bool leads_out(std::string_view path)
{
    return path.empty() || path.front() == '/' || path.front() == '\\' || (path.size() > 1 && path[1] == ':') ||
           has_part(path, "..");
}

std::string_view last_part(std::string_view path) noexcept
{
    return path.substr(path.find_last_of("/\\") + 1);
}

/// A number may follow: exports come in parts.
bool is_named_so(std::string_view file) noexcept
{
    return file.starts_with("your_off-facebook_activity") || file.starts_with("your_activity_off_meta_technologies");
}

std::uint64_t hash(std::string_view folder, std::string_view file) noexcept
{
    std::uint64_t value = 0xcbf29ce484222325; // FNV-1a
    const auto add = [&](char c) {
        value ^= static_cast<unsigned char>(c);
        value *= 0x100000001b3;
    };
    std::for_each(folder.begin(), folder.end(), add);
    add('/');
    std::for_each(file.begin(), file.end(), add);
    return value | 1;
}

std::string unescaped(std::string_view link)
{
    const auto digit = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    std::string out;
    for (std::size_t i = 0; i < link.size(); ++i) {
        if (link[i] == '%' && i + 2 < link.size() && digit(link[i + 1]) >= 0 && digit(link[i + 2]) >= 0) {
            out += static_cast<char>(digit(link[i + 1]) * 16 + digit(link[i + 2]));
            i += 2;
        } else {
            out += link[i];
        }
    }
    return out;
}

} // namespace

Entry entry_of(std::string_view path) noexcept
{
    if (leads_out(path))
        return Entry::other;
    const auto file = last_part(path);
    const bool inside = has_part(path, facebook) || has_part(path, instagram);
    if (file.ends_with(".json") && is_named_so(file))
        return Entry::json;
    // The pages of businesses have names of their own.
    if ((file.ends_with(".html") || file.ends_with(".htm")) && (inside || is_named_so(file)))
        return Entry::html;
    return Entry::other;
}

bool is_instagrams(std::string_view path) noexcept
{
    return has_part(path, instagram);
}

std::uint64_t page_of(std::string_view path) noexcept
{
    std::array<std::string_view, 2> last{}; // folder, file
    all_parts(path, [&](std::string_view part) {
        if (!part.empty() && part != "." && part != "..")
            last = {last[1], part};
        return true;
    });
    return hash(last[0], last[1]);
}

std::uint64_t page_of_link(std::string_view link, std::string_view from)
{
    auto path = unescaped(link.substr(0, link.find_first_of("?#")));
    std::size_t parts = 0;
    all_parts(path, [&](std::string_view part) {
        parts += !part.empty() && part != "." && part != ".." ? 1 : 0;
        return true;
    });
    if (parts < 2) // beside the page that links to it
        path.insert(0, from.substr(0, from.size() - last_part(from).size()));
    return page_of(path);
}

} // namespace paravent::imports
