#include "proxy/wire/trailer.hpp"

#include "proxy/wire/characters.hpp"

#include <algorithm>
#include <array>

namespace paravent::wire::http1 {
namespace {

constexpr std::array<std::string_view, 38> never = {
    "accept-ranges",
    "age",
    "allow",
    "alt-svc",
    "authentication-info",
    "authorization",
    "cache-control",
    "clear-site-data",
    "connection",
    "cookie",
    "cookie2",
    "date",
    "expect",
    "expires",
    "forwarded",
    "host",
    "http2-settings",
    "keep-alive",
    "last-modified",
    "location",
    "max-forwards",
    "origin",
    "pragma",
    "range",
    "referer",
    "refresh",
    "retry-after",
    "set-cookie",
    "set-cookie2",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "via",
    "warning",
    "www-authenticate",
};
static_assert(std::is_sorted(never.begin(), never.end()));

/// Families of names that steer; of "content-" only the digests describe a body that has already gone.
constexpr std::array<std::string_view, 7> families = {
    "access-control-", "content-", "cross-origin-", "if-", "proxy", "sec-", "x-forwarded-",
};
constexpr std::array<std::string_view, 2> digests = {"content-digest", "content-md5"};

constexpr std::size_t longest = 32;

} // namespace

bool may_be_trailer(std::string_view name) noexcept
{
    std::array<char, longest> letters{};
    const std::size_t size = std::min(name.size(), letters.size());
    std::transform(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(size), letters.begin(), lower);
    const std::string_view lower_case{letters.data(), size};

    if (std::find(digests.begin(), digests.end(), lower_case) != digests.end())
        return true;
    const auto begins = [lower_case](std::string_view family) { return lower_case.starts_with(family); };
    if (std::any_of(families.begin(), families.end(), begins))
        return false;
    return name.size() >= longest || !std::binary_search(never.begin(), never.end(), lower_case);
}

} // namespace paravent::wire::http1
