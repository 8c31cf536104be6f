#include "proxy/activity/multipart.hpp"

#include <algorithm>
#include <string>

namespace paravent::activity {
namespace {

constexpr auto none = std::string_view::npos;

bool equals_ignore_case(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? x | 0x20 : x) == (y >= 'A' && y <= 'Z' ? y | 0x20 : y);
    });
}

/// The value of a parameter of Content-Disposition; names in forms come with quotes, their own quotes as %22.
std::string_view parameter(std::string_view line, std::string_view name) noexcept
{
    for (auto at = line.find(';'); at != none; at = line.find(';', at)) {
        ++at;
        auto rest = line.substr(at);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        if (rest.size() <= name.size() || !equals_ignore_case(rest.substr(0, name.size()), name) ||
            rest[name.size()] != '=')
            continue;
        rest.remove_prefix(name.size() + 1);
        if (rest.starts_with('"'))
            return rest.substr(1, rest.find('"', 1) - 1);
        return rest.substr(0, rest.find_first_of("; \t"));
    }
    return {};
}

/// Takes a line, which ends in CRLF or LF, off the front.
std::string_view take_line(std::string_view& text) noexcept
{
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

/// What lies between two boundaries.
Part read_part(std::string_view text) noexcept
{
    Part part;
    auto head = text;
    for (;;) {
        if (head.empty() || text.size() - head.size() > max_part_head)
            return {}; // no end of the header lines
        const auto line = take_line(head);
        if (line.empty())
            break;
        constexpr std::string_view disposition = "content-disposition:";
        if (line.size() > disposition.size() && equals_ignore_case(line.substr(0, disposition.size()), disposition)) {
            part.name = parameter(line, "name");
            part.file_name = parameter(line, "filename");
        }
    }
    part.content = head;
    return part;
}

} // namespace

std::vector<Part> parts_of_form(std::string_view body, std::string_view boundary)
{
    std::vector<Part> parts;
    std::string delimiter = "--";
    if (boundary.empty()) {
        auto rest = body.substr(0, max_boundary + 4);
        const auto line = take_line(rest);
        if (!line.starts_with("--") || line.size() <= 2 || rest.empty())
            return parts;
        delimiter = line;
    } else
        delimiter += boundary.substr(0, max_boundary);

    auto at = body.find(delimiter);
    while (at != none && parts.size() < max_parts) {
        auto rest = body.substr(at + delimiter.size());
        if (rest.starts_with("--")) // the last one
            break;
        take_line(rest);
        auto end = rest.find(delimiter);
        // A delimiter begins a line; elsewhere these characters are content.
        while (end != none && end != 0 && rest[end - 1] != '\n')
            end = rest.find(delimiter, end + 1);
        auto text = rest.substr(0, end);
        if (text.ends_with('\n')) { // the line break belongs to the delimiter, also where that is missing
            text.remove_suffix(1);
            if (text.ends_with('\r'))
                text.remove_suffix(1);
        }
        if (auto part = read_part(text); !part.name.empty()) {
            part.whole = end != none;
            parts.push_back(part);
        }
        at = end == none ? none : body.size() - rest.size() + end;
    }
    return parts;
}

} // namespace paravent::activity
