#include "proxy/wire/http2_head.hpp"

#include "proxy/wire/characters.hpp"
#include "proxy/wire/target.hpp"
#include "proxy/wire/trailer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace paravent::wire::http2 {
namespace {

constexpr std::size_t max_method = 32;
constexpr std::size_t entry_overhead = 32; ///< RFC 9113, section 6.5.2
/// A head between the bound and this is read to its end and answered; beyond it the rest is not even looked at.
constexpr std::size_t hopeless = 4 * http1::max_head;

bool is_proper_path(std::string_view method, std::string_view path)
{
    return is_visible(path) && (path.starts_with('/') || (path == "*" && method == "OPTIONS"));
}

std::uint16_t port_of(const HostPort& host, bool https)
{
    constexpr std::uint16_t http = 80;
    constexpr std::uint16_t secure = 443;
    return host.port != 0 ? host.port : https ? secure : http;
}

} // namespace

HeadReader::Part HeadReader::keep(std::string_view text)
{
    const Part part{static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())};
    bytes_.insert(bytes_.end(), text.begin(), text.end());
    return part;
}

bool HeadReader::add(std::string_view name, std::string_view value)
{
    size_ += name.size() + value.size() + entry_overhead;
    const bool cookie = name == "cookie";
    fields_ += cookie && cookies_ != 0 ? 0 : 1;
    const std::size_t most = kind_ == Kind::trailer ? http1::max_trailer : http1::max_head;
    too_large_ = too_large_ || size_ > most || fields_ > http1::max_fields;
    if (too_large_)
        return size_ <= hopeless;
    value = trim(value);
    if (kind_ == Kind::trailer) {
        if (http1::may_be_trailer(name))
            trailer_.append(name).append(": ").append(value).append("\r\n");
        return true;
    }
    if (name.starts_with(':')) {
        --fields_;
        // nghttp2 lets none through twice, nor one that does not belong here.
        auto& part = name == ":method"      ? method_
                     : name == ":scheme"    ? scheme_
                     : name == ":authority" ? authority_
                     : name == ":path"      ? path_
                                            : status_;
        part = keep(value);
        return true;
    }
    cookies_ += cookie ? 1 : 0;
    const Part kept_name = keep(name);
    entries_.push_back({kept_name, keep(value)});
    return true;
}

/// RFC 9113, section 8.2.3: what HTTP/1 takes for one field must be one again.
void HeadReader::join_cookies()
{
    if (cookies_ < 2)
        return;
    const auto text = [this](const Part& part) { return std::string_view{bytes_.data() + part.at, part.size}; };
    const auto is_cookie = [&text](const Entry& entry) { return text(entry.name) == "cookie"; };
    std::string joined;
    for (const Entry& entry : entries_)
        if (is_cookie(entry))
            joined.append(joined.empty() ? "" : "; ").append(text(entry.value));
    const auto first = std::find_if(entries_.begin(), entries_.end(), is_cookie);
    entries_.erase(std::remove_if(first + 1, entries_.end(), is_cookie), entries_.end());
    first->value = keep(joined);
}

std::optional<Message> HeadReader::message(bool end)
{
    join_cookies();
    Message out;
    out.bytes_ = std::exchange(bytes_, {});
    const auto text = [&out](const Part& part) { return std::string_view{out.bytes_.data() + part.at, part.size}; };
    const auto pseudo = [&text](const std::optional<Part>& part) { return part ? text(*part) : std::string_view{}; };
    out.method = pseudo(method_);
    out.scheme = pseudo(scheme_);
    out.authority = pseudo(authority_);
    out.path = pseudo(path_);
    out.fields.reserve(entries_.size());
    for (const Entry& entry : entries_)
        out.fields.push_back({text(entry.name), text(entry.value)});

    if (const std::string_view length = http1::find(out.fields, "content-length"); !length.empty()) {
        const auto number = parse_decimal(length, std::numeric_limits<std::int64_t>::max());
        if (!number)
            return std::nullopt;
        out.length = *number;
    }
    if (kind_ == Kind::request)
        return judge_request(out, end) ? std::optional<Message>{std::move(out)} : std::nullopt;
    const auto status = parse_decimal(pseudo(status_), 999);
    if (!status || *status < 100 || *status == 101) // no protocol is switched in HTTP/2 (section 8.6)
        return std::nullopt;
    out.status = static_cast<unsigned>(*status);
    return out;
}

bool HeadReader::judge_request(Message& out, bool end) const
{
    // Some of it is nghttp2's business too; what the rules stand on is not left to the release that is installed.
    // CONNECT is for proxies that were asked for; here somebody would reach what the rules never saw.
    if (out.method.size() > max_method || out.method == "CONNECT" || !is_proper_path(out.method, out.path) ||
        out.path.size() > http1::max_target)
        return false;
    if ((out.scheme != "https" && out.scheme != "http") || !judge_host(out))
        return false;
    out.te_trailers = equals_lower(http1::find(out.fields, "te"), "trailers");
    out.expect_continue = !end && equals_lower(http1::find(out.fields, "expect"), "100-continue");
    return true;
}

/// Section 8.3.1: two names of the host must be one, or two readers would take two.
bool HeadReader::judge_host(Message& out)
{
    const auto is_host = [](const http1::Field& field) { return field.name == "host"; };
    const auto host = std::find_if(out.fields.begin(), out.fields.end(), is_host);
    if (out.authority.empty() && host != out.fields.end())
        out.authority = host->value;
    const auto named = parse_host(out.authority);
    if (!named)
        return false;
    if (host == out.fields.end())
        return true;
    const auto again = parse_host(host->value);
    const bool https = out.scheme == "https";
    if (!again || again->host != named->host || port_of(*again, https) != port_of(*named, https))
        return false;
    out.fields.erase(host);
    return std::none_of(out.fields.begin(), out.fields.end(), is_host);
}

} // namespace paravent::wire::http2
