#include "proxy/cli/har.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/dashboard/lone_surrogates.hpp"
#include "proxy/dashboard/recorded.hpp"

#include <boost/json.hpp>

#include <iostream>
#include <string>

namespace paravent::cli {
namespace {

namespace json = boost::json;
using dashboard::RecordedRequest;

/// A body of 1 MiB in base64, and then some.
constexpr std::size_t max_line_bytes = std::size_t{16} * 1024 * 1024;
constexpr std::size_t max_nesting = 4096; ///< of members that are not looked at

[[noreturn]] void wrong(std::uint64_t number, const std::string& what)
{
    throw Failure(wrong_usage, "line " + std::to_string(number) + " " + what);
}

/// A member that is text, empty where it is missing or null. @throws Failure where it is something else
std::string_view text_at(const json::object& object, std::string_view key, std::uint64_t number)
{
    const auto* value = object.if_contains(key);
    if (value == nullptr || value->is_null())
        return {};
    if (!value->is_string())
        wrong(number, "has a \"" + std::string{key} + "\" that is no text");
    return value->get_string();
}

void take_headers(const json::object& object, RecordedRequest& request)
{
    const auto* headers = object.if_contains("headers");
    if (headers == nullptr || headers->is_null())
        return;
    if (!headers->is_object())
        wrong(request.number, "has \"headers\" that are no JSON object");
    for (const auto& [name, value] : headers->get_object()) {
        if (value.is_string())
            request.take_field(name, value.get_string());
        else if (value.is_array())
            for (const auto& one : value.get_array())
                if (one.is_string())
                    request.take_field(name, one.get_string());
    }
}

RecordedRequest read_line(std::string& line, std::uint64_t number)
{
    dashboard::replace_lone_surrogates(line, true); // a recorder cut a text in the middle of a character
    json::parse_options options;
    options.max_depth = max_nesting;
    options.allow_invalid_utf8 = true;
    json::error_code error;
    json::monotonic_resource memory;
    const auto value = json::parse(line, error, &memory, options);
    if (error || !value.is_object())
        wrong(number, "is no JSON object");
    const auto& object = value.get_object();
    RecordedRequest request;
    request.number = number;
    request.url = text_at(object, "url", number);
    if (request.url.empty())
        wrong(number, "has no \"url\"");
    request.page = text_at(object, "frameUrl", number);
    take_headers(object, request);
    request.body = text_at(object, "body", number);
    if (const auto base64 = text_at(object, "bodyBase64", number);
        !base64.empty() && !dashboard::decode_base64(base64, request.body))
        wrong(number, "has a \"bodyBase64\" that is no base64");
    request.method = text_at(object, "method", number);
    if (request.method.empty())
        request.method = request.body.empty() ? "GET" : "POST";
    return request;
}

/// The next line of standard input, without its end. Returns false where there is none.
bool next_line(std::string& line, std::uint64_t number)
{
    line.clear();
    auto& in = *std::cin.rdbuf();
    for (auto c = in.sbumpc(); c != std::char_traits<char>::eof(); c = in.sbumpc()) {
        if (c == '\n')
            return true;
        if (line.size() == max_line_bytes)
            wrong(number, "is longer than 16 MiB");
        line += static_cast<char>(c);
    }
    return !line.empty();
}

void decode_lines()
{
    std::string line;
    for (std::uint64_t number = 1; next_line(line, number); ++number) {
        if (number == 1 && line.starts_with("\xEF\xBB\xBF"))
            line.erase(0, 3);
        if (line.find_first_not_of(" \t\r") != std::string::npos)
            std::cout << dashboard::decoded_lines(read_line(line, number));
    }
}

} // namespace

int decode(const Decode& options)
{
    std::ios::sync_with_stdio(false);
    if (options.har.empty())
        decode_lines();
    else
        read_har(options.har, [](const RecordedRequest& request) { std::cout << dashboard::decoded_lines(request); });
    return 0;
}

} // namespace paravent::cli
