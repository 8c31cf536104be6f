#include "proxy/activity/body.hpp"

#include <algorithm>
#include <string>

namespace paravent::activity {
namespace {

using Kind = JsonNode::Kind;

std::string lower(std::string_view text)
{
    std::string out{text};
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return out;
}

std::string_view boundary_of(std::string_view content_type)
{
    const auto at = lower(content_type.substr(0, 1024)).find("boundary=");
    if (at == std::string::npos)
        return {};
    auto value = content_type.substr(at + 9);
    if (value.starts_with('"'))
        return value.substr(1, value.find('"', 1) - 1);
    return value.substr(0, value.find_first_of("; \t"));
}

void add_member(std::string name, const JsonNode& node, Fields& fields)
{
    switch (node.kind()) {
    case Kind::string:
    case Kind::number:
    case Kind::boolean:
        fields.add(std::move(name), std::string{node.text()});
        break;
    case Kind::array:
    case Kind::object:
        fields.add(std::move(name), json_text(node, max_form_bytes));
        break;
    case Kind::none:
    case Kind::null:
        break;
    }
}

/// Without the mark of the byte order that some editors and libraries put in front.
std::string_view without_mark(std::string_view text) noexcept
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    return text;
}

void add_multipart(const Body& body, Fields& fields)
{
    const auto parts = parts_in(body);
    if (parts.size() == max_parts)
        fields.mark_cut();
    for (const auto& part : parts) {
        const bool is_json = part.content.starts_with('[') || part.content.starts_with('{');
        if (part.whole || !body.cut || is_json) // JSON tells by itself what is whole
            fields.add(std::string{part.name}, std::string{part.content.substr(0, max_form_bytes)});
    }
}

} // namespace

std::vector<Part> parts_in(const Body& body)
{
    auto parts = parts_of_form(body.bytes, boundary_of(body.content_type));
    if (parts.empty()) // a wrong boundary: look what the body itself says
        parts = parts_of_form(body.bytes, {});
    return parts;
}

BodyForm form_of(const Body& body) noexcept
{
    auto text = without_mark(body.bytes);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.empty())
        return BodyForm::none;
    constexpr std::string_view multipart = "multipart/";
    const auto type = body.content_type.substr(0, multipart.size());
    if (std::equal(type.begin(), type.end(), multipart.begin(), multipart.end(),
                   [](char a, char b) { return (a | 0x20) == (b | 0x20); }) ||
        (text.starts_with("--") && text.substr(0, 1024).find("form-data") != std::string_view::npos))
        return BodyForm::multipart;
    return text[0] == '{' || text[0] == '[' ? BodyForm::json : BodyForm::urlencoded;
}

void add_fields(const Body& body, Fields& fields)
{
    switch (form_of(body)) {
    case BodyForm::urlencoded: {
        const auto text = without_mark(body.bytes);
        fields.add_urlencoded(text, max_form_bytes, body.cut || text.size() > max_form_bytes);
        break;
    }
    case BodyForm::multipart:
        if (body.bytes.size() > max_form_bytes)
            fields.mark_cut();
        add_multipart(
            {body.bytes.substr(0, max_form_bytes), body.content_type, body.cut || body.bytes.size() > max_form_bytes},
            fields);
        break;
    case BodyForm::json: {
        add_json_fields(body.bytes, fields);
        break;
    }
    case BodyForm::none:
        break;
    }
}

void add_json_fields(std::string_view json, Fields& fields)
{
    const auto tree = read_json(json);
    if (!tree.whole())
        fields.mark_cut();
    add_fields(tree.root(), fields);
}

void add_fields(const JsonNode& object, Fields& fields)
{
    if (!object.is(Kind::object))
        return;
    for (const auto member : object) {
        if (member.is(Kind::object))
            for (const auto inner : member)
                add_member(std::string{member.key()} + "[" + std::string{inner.key()} + "]", inner, fields);
        else
            add_member(std::string{member.key()}, member, fields);
    }
}

} // namespace paravent::activity
