#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <cmath>
#include <string>

namespace paravent::dashboard {
namespace {

/// Spreadsheets of some languages take 1e+06 for a text.
std::string in_digits(double number)
{
    char digits[400]; // the smallest has 325 behind its point
    const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed).ptr;
    std::string text(digits, end);
    return text.find('.') == std::string::npos ? text + ".0" : text;
}

std::string cell(const boost::json::value& value)
{
    if (value.is_double() && std::isfinite(value.get_double()))
        return in_digits(value.get_double());
    if (value.is_string())
        return std::string(value.get_string());
    if (!value.is_array() || (!value.get_array().empty() && !value.get_array()[0].is_string()))
        return text_of(value);
    std::string joined;
    for (const auto& item : value.get_array())
        joined += (joined.empty() ? "" : ";") + std::string(item.get_string());
    return joined;
}

/// A spreadsheet takes a cell that begins with one of these for a formula.
void disarm(std::string& text)
{
    if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos)
        text.insert(0, 1, '\'');
}

std::string in_csv(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string out = "\"";
    for (const char c : text)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

} // namespace

std::string csv_cell(const boost::json::value& value)
{
    auto text = inert(cell(value));
    if (!value.is_number())
        disarm(text);
    return in_csv(text);
}

std::string csv_header()
{
    std::string line;
    for (const auto key : event_keys)
        line += (line.empty() ? "" : ",") + std::string(key);
    return line + "\r\n";
}

std::string csv_line(const boost::json::object& event)
{
    std::string line;
    for (const auto key : event_keys) {
        if (key != event_keys.front())
            line += ',';
        if (const auto* value = event.if_contains(key))
            line += csv_cell(*value);
    }
    return line + "\r\n";
}

} // namespace paravent::dashboard
