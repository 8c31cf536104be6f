#include "proxy/lists/fetch_message.hpp"

#include <algorithm>
#include <charconv>

namespace paravent::lists {
namespace {

constexpr std::size_t longest_value = 4096;

bool is_printable(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

/// A message under construction; what could break a line is left out.
class Writing {
public:
    void line(std::string_view key, std::string_view value)
    {
        if (!value.empty() && value.size() <= longest_value && is_printable(value))
            text_.append(key).append(" ").append(value).append("\n");
    }
    void number(std::string_view key, std::uint64_t value) { line(key, std::to_string(value)); }
    std::string finish() { return std::move(text_) + "\n"; }

private:
    std::string text_;
};

std::optional<std::uint64_t> number_in(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> milliseconds_in(std::string_view text)
{
    const auto value = number_in(text);
    if (!value || *value > 24 * 3'600'000)
        return std::nullopt;
    return std::chrono::milliseconds{*value};
}

/// Calls `take` with key and value of each line until the empty one; false where the text is no message.
template <class Take>
bool each_line(std::string_view text, std::size_t& length, Take take)
{
    length = 0;
    for (std::size_t at = 0;;) {
        const std::size_t end = text.find('\n', at);
        if (end == text.npos)
            return text.size() < largest_message;
        if (end == at) {
            length = end + 1;
            return length <= largest_message;
        }
        const auto line = text.substr(at, end - at);
        const auto blank = line.find(' ');
        if (blank == line.npos || !is_printable(line) || !take(line.substr(0, blank), line.substr(blank + 1)))
            return false;
        at = end + 1;
    }
}

template <class Out, class Value>
bool put(Out& out, const std::optional<Value>& value)
{
    if (!value)
        return false;
    out = *value;
    return true;
}

} // namespace

std::string text_of(const FetchRequest& request)
{
    Writing out;
    out.line("url", request.url);
    out.line("etag", request.etag);
    out.line("last-modified", request.last_modified);
    out.line("insecure", request.insecure ? "yes" : "");
    out.line("trust", request.trust);
    out.line("upstream", request.upstream);
    out.line("upstream-user", request.upstream_user);
    out.line("upstream-password", request.upstream_password);
    out.number("connect", static_cast<std::uint64_t>(request.connect.count()));
    out.number("idle", static_cast<std::uint64_t>(request.idle.count()));
    out.number("whole", static_cast<std::uint64_t>(request.whole.count()));
    return out.finish();
}

std::optional<FetchRequest> read_request(std::string_view text, std::size_t& length)
{
    FetchRequest request;
    const bool good = each_line(text, length, [&](std::string_view key, std::string_view value) {
        for (const auto& [name, member] : {std::pair{"url", &FetchRequest::url},
                                           {"etag", &FetchRequest::etag},
                                           {"last-modified", &FetchRequest::last_modified},
                                           {"trust", &FetchRequest::trust},
                                           {"upstream", &FetchRequest::upstream},
                                           {"upstream-user", &FetchRequest::upstream_user},
                                           {"upstream-password", &FetchRequest::upstream_password}})
            if (key == name) {
                request.*member = value;
                return true;
            }
        if (key == "insecure")
            return request.insecure = value == "yes";
        if (key == "connect")
            return put(request.connect, milliseconds_in(value));
        if (key == "idle")
            return put(request.idle, milliseconds_in(value));
        return key == "whole" && put(request.whole, milliseconds_in(value));
    });
    return good ? std::optional(std::move(request)) : std::nullopt;
}

std::string text_of(const FetchReply& reply)
{
    Writing out;
    if (reply.kind == FetchReply::Kind::error) {
        out.line("error", one_line(reply.error));
        return out.finish();
    }
    out.line("kind", reply.kind == FetchReply::Kind::text ? "text" : "unchanged");
    out.line("etag", reply.etag);
    out.line("last-modified", reply.last_modified);
    if (reply.expires)
        out.number("expires", static_cast<std::uint64_t>(reply.expires->count()));
    out.number("rules", reply.rules);
    out.number("length", reply.length);
    return out.finish();
}

std::optional<FetchReply> read_reply(std::string_view text, std::size_t& length)
{
    FetchReply reply;
    const bool good = each_line(text, length, [&](std::string_view key, std::string_view value) {
        if (key == "kind" && value == "text")
            reply.kind = FetchReply::Kind::text;
        else if (key == "kind" && value == "unchanged")
            reply.kind = FetchReply::Kind::unchanged;
        else if (key == "error")
            reply.error = one_line(value);
        else if (key == "etag")
            reply.etag = value;
        else if (key == "last-modified")
            reply.last_modified = value;
        else if (const auto number = number_in(value); !number)
            return false;
        else if (key == "expires" && *number < 1'000'000'000)
            reply.expires = std::chrono::seconds{*number};
        else if (key == "rules")
            reply.rules = *number;
        else if (key == "length" && *number <= largest_fetched)
            reply.length = *number;
        else
            return false;
        return true;
    });
    return good ? std::optional(std::move(reply)) : std::nullopt;
}

std::string one_line(std::string_view text, std::size_t most)
{
    std::string line(text.substr(0, most));
    for (char& c : line)
        if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f)
            c = '?';
    return line;
}

} // namespace paravent::lists
