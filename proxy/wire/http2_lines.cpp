#include "proxy/wire/http2_lines.hpp"

#include "proxy/wire/characters.hpp"
#include "proxy/wire/head_lines.hpp"
#include "proxy/wire/trailer.hpp"

#include <algorithm>
#include <charconv>

namespace paravent::wire::http2 {
namespace {

template <std::size_t n>
std::string_view digits_of(std::array<char, n>& to, std::uint64_t value)
{
    const auto end = std::to_chars(to.data(), to.data() + to.size(), value);
    return {to.data(), static_cast<std::size_t>(end.ptr - to.data())};
}

bool is_name(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), is_token);
}

/// Calls `visit(field)` for each line; one that is no field line is left out.
template <class Visit>
void for_each_line(std::string_view lines, Visit visit)
{
    while (!lines.empty()) {
        const std::size_t end = lines.find("\r\n");
        http1::Field field;
        if (http1::read_field(lines.substr(0, end), field))
            visit(field);
        if (end == std::string_view::npos)
            return;
        lines.remove_prefix(end + 2);
    }
}

} // namespace

void Lines::add(std::string_view name, std::string_view value)
{
    fields_.push_back({name, value});
}

void Lines::add_status(unsigned status)
{
    add(":status", digits_of(status_, status));
}

void Lines::add_length(std::optional<std::uint64_t> length)
{
    if (length)
        add("content-length", digits_of(length_, *length));
}

void Lines::add_passing(const std::vector<http1::Field>& fields)
{
    fields_.reserve(fields_.size() + fields.size() + 4);
    const http1::HopByHop hop(fields);
    for (const http1::Field& field : fields)
        if (is_name(field.name) && is_text(field.value) && !hop.drops(field.name))
            add(field.name, trim(field.value));
}

void Lines::add_extra(std::string_view lines)
{
    for_each_line(lines, [this](const http1::Field& field) { fields_.push_back(field); });
}

void Lines::add_trailer(std::string_view lines)
{
    for_each_line(lines, [this](const http1::Field& field) {
        if (http1::may_be_trailer(field.name))
            fields_.push_back(field);
    });
}

} // namespace paravent::wire::http2
