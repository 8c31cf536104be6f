#include "proxy/wire/client_hello.hpp"

#include "proxy/wire/target.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace paravent::wire {
namespace {

using Reading = ClientHelloReader::Reading;

constexpr std::uint8_t handshake_record = 22; // RFC 8446, section 5.1
constexpr std::uint8_t client_hello = 1;      // section 4
constexpr std::size_t record_header = 5;
constexpr std::size_t largest_record = 1 << 14;
constexpr std::size_t message_header = 4;

enum Extension : std::uint16_t {
    server_name = 0,
    application_layer_protocol_negotiation = 16,
    supported_versions = 43,
    encrypted_client_hello = 0xfe0d, // RFC 9849
};

std::uint8_t byte(std::string_view in, std::size_t at) noexcept
{
    return static_cast<std::uint8_t>(in[at]);
}

/// A part of a message, read from its front. A read beyond the end fails, and so does everything after it.
class Part {
public:
    explicit Part(std::string_view bytes) noexcept : bytes_(bytes) {}

    std::string_view take(std::size_t n) noexcept
    {
        if (n > bytes_.size()) {
            failed_ = true;
            bytes_ = {};
            return {};
        }
        const auto taken = bytes_.substr(0, n);
        bytes_.remove_prefix(n);
        return taken;
    }
    /// A big-endian number of `width` bytes.
    std::size_t number(std::size_t width) noexcept
    {
        std::size_t value = 0;
        for (const char c : take(width))
            value = value << 8 | static_cast<std::uint8_t>(c);
        return value;
    }
    /// A vector with its length before it (RFC 8446, section 3.4), of `least` bytes or more.
    std::string_view vector(std::size_t width, std::size_t least) noexcept
    {
        const auto size = number(width);
        if (size < least)
            failed_ = true;
        return take(size);
    }

    bool failed() const noexcept { return failed_; }
    bool empty() const noexcept { return bytes_.empty(); }

private:
    std::string_view bytes_;
    bool failed_ = false;
};

/// Only A-labels may stand here, and nothing is encoded: what a URL's host could say in other ways is no name.
bool is_written_plainly(std::string_view name) noexcept
{
    return std::none_of(name.begin(), name.end(),
                        [](char c) { return c <= ' ' || c >= 0x7f || c == '%' || c == '[' || c == ']' || c == ':'; });
}

bool read_server_name(std::string_view bytes, ClientHello& out)
{
    constexpr std::size_t host_name = 0;
    Part extension(bytes);
    Part list(extension.vector(2, 1));
    if (extension.failed() || !extension.empty())
        return false;
    while (!list.empty()) {
        const auto type = list.number(1);
        const auto name = list.vector(2, 1);
        if (list.failed() || type != host_name || !out.server_name.empty() || !is_written_plainly(name))
            return false;
        auto host = parse_host(name);
        if (!host)
            return false;
        out.server_name = std::move(host->host);
    }
    return true;
}

bool read_alpn(std::string_view bytes, ClientHello& out)
{
    Part extension(bytes);
    const auto list = extension.vector(2, 2);
    if (extension.failed() || !extension.empty())
        return false;
    Part names(list);
    while (!names.empty())
        names.vector(1, 1);
    out.alpn = list;
    return !names.failed();
}

bool is_grease(std::size_t value) noexcept
{
    return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff);
}

bool read_versions(std::string_view bytes, ClientHello& out)
{
    constexpr std::size_t major = 3; // of TLS; drafts and datagrams have others
    Part extension(bytes);
    Part list(extension.vector(1, 2));
    if (extension.failed() || !extension.empty())
        return false;
    out.highest_version = 0;
    while (!list.empty()) {
        const auto version = list.number(2);
        if (!is_grease(version) && version >> 8 == major)
            out.highest_version = std::max(out.highest_version, static_cast<std::uint16_t>(version));
    }
    return !list.failed();
}

bool read_extension(std::size_t type, std::string_view bytes, ClientHello& out)
{
    switch (type) {
    case Extension::server_name:
        return read_server_name(bytes, out);
    case Extension::application_layer_protocol_negotiation:
        return read_alpn(bytes, out);
    case Extension::supported_versions:
        return read_versions(bytes, out);
    case Extension::encrypted_client_hello:
        out.encrypted_client_hello = true;
        return true;
    default:
        return true;
    }
}

/// An extension must not come twice (RFC 8446, section 4.2): who reads the first and who the last would differ.
class SeenOnce {
public:
    bool first(std::size_t type) noexcept
    {
        constexpr std::size_t read[] = {server_name, application_layer_protocol_negotiation, supported_versions,
                                        encrypted_client_hello};
        const auto found = std::find(std::begin(read), std::end(read), type);
        return found == std::end(read) || !std::exchange(seen_[found - std::begin(read)], true);
    }

private:
    bool seen_[4] = {};
};

bool read_message(std::string_view body, ClientHello& out)
{
    constexpr std::uint16_t tls12 = 0x0303; // the highest that stands here; newer ones are said in an extension
    Part hello(body);
    out.highest_version = static_cast<std::uint16_t>(std::min<std::size_t>(hello.number(2), tls12));
    hello.take(32); // random
    if (hello.vector(1, 0).size() > 32)
        return false;
    if (hello.vector(2, 2).size() % 2 != 0) // cipher suites
        return false;
    hello.vector(1, 1); // compression methods
    if (hello.failed())
        return false;
    if (hello.empty())
        return true; // before TLS 1.3 there need be no extensions
    Part extensions(hello.vector(2, 0));
    if (hello.failed() || !hello.empty())
        return false;
    SeenOnce seen;
    while (!extensions.empty()) {
        const auto type = extensions.number(2);
        const auto bytes = extensions.vector(2, 0);
        if (extensions.failed() || !seen.first(type) || !read_extension(type, bytes, out))
            return false;
    }
    return true;
}

} // namespace

bool offers(std::string_view alpn, std::string_view protocol) noexcept
{
    Part names(alpn);
    while (!names.empty())
        if (const auto name = names.vector(1, 1); !names.failed() && name == protocol)
            return true;
    return false;
}

Reading ClientHelloReader::read(std::string_view kept)
{
    if (reading_ == Reading::need_more)
        reading_ = join(kept);
    if (reading_ != Reading::need_more)
        message_ = {};
    return reading_;
}

Reading ClientHelloReader::join(std::string_view kept)
{
    while (seen_ < kept.size()) {
        auto rest = kept.substr(seen_);
        if (left_ == 0) {
            const bool first = seen_ == 0;
            const auto refusal = first ? Reading::not_tls : Reading::malformed;
            if (byte(rest, 0) != handshake_record || (rest.size() > 1 && byte(rest, 1) != 3))
                return refusal;
            if (rest.size() < record_header)
                break;
            left_ = std::size_t{byte(rest, 3)} << 8 | byte(rest, 4);
            if (left_ == 0 || left_ > largest_record)
                return Reading::malformed;
            seen_ += record_header;
            continue;
        }
        rest = rest.substr(0, left_);
        seen_ += rest.size();
        left_ -= rest.size();
        if (const auto reading = add(rest); reading != Reading::need_more)
            return reading;
    }
    return kept.size() < most ? Reading::need_more : Reading::malformed;
}

Reading ClientHelloReader::add(std::string_view payload)
{
    message_ += payload;
    if (byte(message_, 0) != client_hello)
        return Reading::malformed;
    if (message_.size() < message_header)
        return Reading::need_more;
    const auto size = message_header + (std::size_t{byte(message_, 1)} << 16 | std::size_t{byte(message_, 2)} << 8 |
                                        std::size_t{byte(message_, 3)});
    if (seen_ + (size - std::min(size, message_.size())) > most)
        return Reading::malformed;
    if (message_.size() < size)
        return Reading::need_more;
    // Nothing may follow in the same record: the next flight is the server's.
    if (message_.size() > size || left_ > 0 || !read_message(std::string_view(message_).substr(message_header), hello_))
        return Reading::malformed;
    hello_.size = seen_;
    return Reading::hello;
}

} // namespace paravent::wire
