#include "proxy/activity/mine.hpp"

#include "proxy/activity/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <new>

namespace paravent::activity {
namespace {

/// What a longer value is, it is none of these.
constexpr std::size_t most_sent = 512;

Mine::Bytes sha256(std::string_view text)
{
    Mine::Bytes hash{};
    if (EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc(); // nothing else can be missing
    return hash;
}

int digit_of(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<Mine::Bytes> read_hash(std::string_view hex) noexcept
{
    Mine::Bytes hash{};
    if (hex.size() != 2 * hash.size())
        return std::nullopt;
    for (std::size_t i = 0; i < hash.size(); ++i) {
        const int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        hash[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return hash;
}

/// What is sent may have been escaped once more on its way.
std::string unescaped(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
        const int low = high >= 0 ? digit_of(text[i + 2]) : -1;
        out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
        i += low >= 0 ? 2 : 0;
    }
    return out;
}

/// The names under which sites send a field.
std::optional<Own> meant_by(std::string_view name) noexcept
{
    if (name == "em" || name == "email")
        return Own::em;
    if (name == "ph" || name == "phone")
        return Own::ph;
    return std::nullopt;
}

} // namespace

Mine::Bytes Mine::keyed(const Bytes& hash) const
{
    Bytes mark{};
    if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), hash.data(), hash.size(), mark.data(),
             nullptr) == nullptr)
        throw std::bad_alloc();
    return mark;
}

Mine::Bytes Mine::mark_of(std::string_view normal) const
{
    return keyed(sha256(normal));
}

bool Mine::has(Own kind, const Bytes& mark) const noexcept
{
    const auto& all = marks(kind);
    return std::find(all.begin(), all.end(), mark) != all.end();
}

bool Mine::add(Own kind, const Bytes& mark)
{
    if (has(kind, mark) || marks(kind).size() >= most)
        return false;
    marks_[index(kind)].push_back(mark);
    return true;
}

bool Mine::remove(Own kind, const Bytes& mark)
{
    return std::erase(marks_[index(kind)], mark) != 0;
}

bool Mine::asks_about(std::string_view name) const noexcept
{
    const auto kind = meant_by(name);
    return kind && !marks(*kind).empty();
}

std::optional<Own> Mine::matches(std::string_view name, std::string_view sent) const
{
    const auto kind = meant_by(name);
    if (!kind || !asks_about(name) || sent.size() > most_sent)
        return std::nullopt;
    if (const auto hash = read_hash(trimmed(sent)))
        return has(*kind, keyed(*hash)) ? kind : std::nullopt;
    auto plain = unescaped(sent);
    if (kind == Own::ph) // what stands before a country code, whether it belongs there or not
        plain.erase(0, std::min(plain.find_first_not_of(" +0"), plain.size()));
    const auto normal = normal_form(*kind, plain);
    return normal.fault.empty() && has(*kind, mark_of(normal.text)) ? kind : std::nullopt;
}

} // namespace paravent::activity
