#include "proxy/wire/characters.hpp"
#include "proxy/wire/http1.hpp"

namespace paravent::wire::http1 {

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size())
        return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

std::string_view find(const std::vector<Field>& fields, std::string_view name) noexcept
{
    for (const Field& field : fields)
        if (equals_ignore_case(field.name, name))
            return field.value;
    return {};
}

} // namespace paravent::wire::http1
