#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <cmath>

namespace paravent::dashboard {
namespace {

void append_escape(std::string& out, char32_t code)
{
    static constexpr char digits[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += digits[(code >> shift) & 0xf];
}

void append_string(std::string& out, std::string_view text)
{
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const auto [code, size] = next_code_point(text, at);
        if (code == '"' || code == '\\')
            out += {'\\', static_cast<char>(code)};
        else if (code == '\n')
            out += "\\n";
        else if (is_active(code))
            append_escape(out, code); // all of them lie in the first plane
        else if (code == replacement)
            out += "\xef\xbf\xbd";
        else
            out += text.substr(at, size);
        at += size;
    }
    out += '"';
}

void append_number(std::string& out, double number)
{
    if (!std::isfinite(number)) { // JSON has no word for it
        out += "null";
        return;
    }
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    const std::string_view text(digits, static_cast<std::size_t>(end - digits));
    out += text;
    if (text.find_first_of(".e") == std::string_view::npos)
        out += ".0";
}

void append(std::string& out, const boost::json::value& value)
{
    switch (value.kind()) {
    case boost::json::kind::null:
        out += "null";
        break;
    case boost::json::kind::bool_:
        out += value.get_bool() ? "true" : "false";
        break;
    case boost::json::kind::int64:
        out += std::to_string(value.get_int64());
        break;
    case boost::json::kind::uint64:
        out += std::to_string(value.get_uint64());
        break;
    case boost::json::kind::double_:
        append_number(out, value.get_double());
        break;
    case boost::json::kind::string:
        append_string(out, value.get_string());
        break;
    case boost::json::kind::array: {
        out += '[';
        for (const char* separator = ""; const auto& item : value.get_array()) {
            out += std::exchange(separator, ", ");
            append(out, item);
        }
        out += ']';
        break;
    }
    case boost::json::kind::object: {
        out += '{';
        for (const char* separator = ""; const auto& [key, item] : value.get_object()) {
            out += std::exchange(separator, ", ");
            append_string(out, key);
            out += ": ";
            append(out, item);
        }
        out += '}';
        break;
    }
    }
}

} // namespace

std::string text_of(const boost::json::value& value)
{
    std::string out;
    append(out, value);
    return out;
}

} // namespace paravent::dashboard
