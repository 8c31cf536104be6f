#include "proxy/server/report_tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace paravent::server {
namespace {

constexpr std::size_t mac_bytes = 16, salt_bytes = 8, time_digits = 16;
constexpr std::size_t token_size = time_digits + 2 * salt_bytes + 2 * mac_bytes;

std::string hex(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string hex(std::uint64_t number)
{
    std::string out(time_digits, '0');
    for (auto digit = out.rbegin(); number != 0; number >>= 4)
        *digit++ = "0123456789abcdef"[number & 15];
    return out;
}

std::optional<std::uint64_t> number_in(std::string_view digits)
{
    std::uint64_t number = 0;
    for (const char c : digits) {
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
            return std::nullopt;
        number = number << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return number;
}

std::string base64(std::string_view bytes)
{
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // OpenSSL ends it with a zero
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

std::optional<std::string> from_base64url(std::string_view text)
{
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        std::uint32_t six = 0;
        if (c >= 'A' && c <= 'Z')
            six = static_cast<std::uint32_t>(c - 'A');
        else if (c >= 'a' && c <= 'z')
            six = static_cast<std::uint32_t>(c - 'a') + 26;
        else if (c >= '0' && c <= '9')
            six = static_cast<std::uint32_t>(c - '0') + 52;
        else if (c == '-' || c == '_')
            six = c == '-' ? 62 : 63;
        else
            return std::nullopt;
        bits = (bits << 6 | six) & 0xffffffu;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>(bits >> count & 0xffu);
        }
    }
    return out;
}

} // namespace

/// As it travels: when it was given, what makes it the only one, and our signature, in hexadecimal.
struct ReportTokens::Token {
    std::string_view time, salt, mac;
};

ReportTokens::ReportTokens()
{
    if (RAND_bytes(secret_.data(), static_cast<int>(secret_.size())) != 1)
        throw std::runtime_error("the system gives no random bytes");
}

std::string ReportTokens::keyed(std::string_view text) const
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned size = 0;
    HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size);
    return {reinterpret_cast<const char*>(out.data()), size};
}

std::string ReportTokens::mac_of(const Token& token, std::string_view device) const
{
    std::string text = "token/";
    text.append(token.time).append(token.salt).append("/").append(device);
    return hex(keyed(text).substr(0, mac_bytes));
}

std::string ReportTokens::pad_of(std::string_view token, std::size_t size) const
{
    std::string pad;
    for (std::size_t block = 0; pad.size() < size; ++block)
        pad += keyed("pad/" + std::string(token) + "/" + std::to_string(block));
    pad.resize(size);
    return pad;
}

std::string ReportTokens::password(std::string_view device) const
{
    return hex(keyed("password/" + std::string(device)).substr(0, mac_bytes));
}

std::string ReportTokens::allowance(std::string_view device, std::string_view host) const
{
    return hex(keyed("allowance/" + std::string(device) + "/" + std::string(host)).substr(0, mac_bytes));
}

ReportTokens::Given ReportTokens::give(std::string_view device, std::int64_t now_ms)
{
    std::array<unsigned char, salt_bytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return {};
    const std::string time = hex(static_cast<std::uint64_t>(now_ms));
    const std::string salt = hex(std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    Given given;
    given.token = time + salt + mac_of({time, salt, {}}, device);
    given.pad = base64(pad_of(given.token, most_bytes));
    return given;
}

bool ReportTokens::take(const std::string& mac, std::int64_t now_ms)
{
    const std::lock_guard lock(mutex_);
    while (!taken_.empty() && taken_.front().first < now_ms)
        taken_.pop_front();
    const auto same = [&](const auto& taken) { return taken.second == mac; };
    if (taken_.size() >= most_taken || std::any_of(taken_.begin(), taken_.end(), same))
        return false;
    taken_.emplace_back(now_ms + good_for_ms, mac);
    return true;
}

std::optional<std::string> ReportTokens::open(std::string_view token, std::string_view sealed, std::string_view device,
                                              std::int64_t now_ms)
{
    if (token.size() != token_size || sealed.size() > 4 * most_bytes / 3)
        return std::nullopt;
    const Token parts{token.substr(0, time_digits), token.substr(time_digits, 2 * salt_bytes),
                      token.substr(time_digits + 2 * salt_bytes)};
    const auto mac = mac_of(parts, device);
    if (CRYPTO_memcmp(mac.data(), parts.mac.data(), mac.size()) != 0)
        return std::nullopt;
    const auto given = number_in(parts.time);
    const auto age = given ? now_ms - static_cast<std::int64_t>(*given) : -1;
    auto text = from_base64url(sealed);
    if (age < 0 || age > good_for_ms || !text || !take(mac, now_ms))
        return std::nullopt;
    const auto pad = pad_of(token, text->size());
    std::transform(text->begin(), text->end(), pad.begin(), text->begin(),
                   [](char a, char b) { return static_cast<char>(a ^ b); });
    return text;
}

} // namespace paravent::server
