#include "proxy/dashboard/lone_surrogates.hpp"

#include "proxy/activity/surrogates.hpp"

#include <string_view>

namespace paravent::dashboard {

std::size_t replace_lone_surrogates(std::string& text, bool last) noexcept
{
    for (auto at = text.find('\\'); at != std::string::npos; at = text.find('\\', at)) {
        if (!last && text.size() - at < 2 * activity::escape_size)
            return at;
        const auto value = activity::escaped_unit(std::string_view(text).substr(at));
        if (!value) {
            at += 2;
            continue;
        }
        const bool leads = activity::leads(*value);
        const auto next =
            leads ? activity::escaped_unit(std::string_view(text).substr(at + activity::escape_size)) : std::nullopt;
        if (next && activity::trails(*next)) {
            at += 2 * activity::escape_size;
            continue;
        }
        if (leads || activity::trails(*value))
            text.replace(at, activity::escape_size, "\\ufffd");
        at += activity::escape_size;
    }
    return text.size();
}

} // namespace paravent::dashboard
