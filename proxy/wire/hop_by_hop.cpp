#include "proxy/wire/characters.hpp"
#include "proxy/wire/head_lines.hpp"
#include "proxy/wire/http1.hpp"

#include <algorithm>

namespace paravent::wire::http1 {
namespace {

/// What never passes, whatever Connection says. The length decides for nearly every field, without a comparison.
bool never_passes(std::string_view name) noexcept
{
    switch (name.size()) {
    case 2:
        return equals_lower(name, "te");
    case 4:
        return equals_lower(name, "host");
    case 5:
        return equals_lower(name, "proxy");
    case 6:
        return equals_lower(name, "expect");
    case 7:
        return equals_lower(name, "trailer") || equals_lower(name, "upgrade");
    case 10:
        return equals_lower(name, "connection") || equals_lower(name, "keep-alive");
    case 14:
        return equals_lower(name, "content-length") || equals_lower(name, "http2-settings");
    case 17:
        return equals_lower(name, "transfer-encoding");
    default:
        return false;
    }
}

bool belongs_to_a_proxy(std::string_view name) noexcept
{
    return starts_with_lower(name, "proxy-") && !equals_lower(name, "proxy-status");
}

} // namespace

HopByHop::HopByHop(const std::vector<Field>& fields)
{
    for (const Field& field : fields) {
        if (field.name.size() != 10 || !equals_lower(field.name, "connection"))
            continue;
        for_each_element(field.value, [this](std::string_view option) {
            // The usual ones (close, keep-alive, upgrade) need no memory.
            if (!never_passes(option) && !equals_lower(option, "close"))
                named_.push_back(option);
            return named_.size() < max_connection_options;
        });
    }
}

bool HopByHop::drops(std::string_view name) const noexcept
{
    if (never_passes(name) || belongs_to_a_proxy(name))
        return true;
    return std::any_of(named_.begin(), named_.end(),
                       [name](std::string_view option) { return equals_ignore_case(option, name); });
}

} // namespace paravent::wire::http1
