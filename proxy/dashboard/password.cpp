#include "proxy/dashboard/password.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <span>
#include <stdexcept>

namespace paravent::dashboard {
namespace {

using Bytes = std::array<unsigned char, 32>;

std::string hex_of(std::span<const unsigned char> bytes)
{
    std::string hex;
    for (const auto byte : bytes) {
        hex += "0123456789abcdef"[byte >> 4];
        hex += "0123456789abcdef"[byte & 15];
    }
    return hex;
}

Bytes random_bytes()
{
    Bytes bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("there are no random bytes to be had");
    return bytes;
}

/// The salt goes in as the text that is kept: its randomness is the same. Empty where the numbers are none of ours.
std::string scrypt(const PasswordHash& how, std::string_view password)
{
    constexpr std::uint64_t most_memory = 64 << 20; // a file that asks for more is none that we wrote
    Bytes out{};
    if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(how.salt.data()),
                       how.salt.size(), how.n, how.r, how.p, most_memory, out.data(), out.size()) != 1)
        return {};
    return hex_of(out);
}

} // namespace

PasswordHash hash_password(std::string_view password)
{
    PasswordHash kept;
    kept.salt = hex_of(random_bytes());
    kept.hash = scrypt(kept, password);
    if (kept.hash.empty())
        throw std::runtime_error("there is no memory to hash the password with");
    return kept;
}

bool is_password(const PasswordHash& kept, std::string_view password)
{
    const auto hash = scrypt(kept, password);
    return !hash.empty() && hash.size() == kept.hash.size() &&
           CRYPTO_memcmp(hash.data(), kept.hash.data(), hash.size()) == 0;
}

std::string_view problem_with_password(std::string_view password) noexcept
{
    constexpr std::size_t least = 8, most = 200;
    if (password.size() < least || password.size() > most)
        return "a password has 8 to 200 characters";
    return {};
}

std::string fresh_secret()
{
    return hex_of(random_bytes());
}

std::string fresh_code()
{
    const auto bytes = random_bytes();
    std::uint64_t number = 0;
    for (const auto byte : std::span(bytes).first(8))
        number = number << 8 | byte;
    std::string code;
    for (int digit = 0; digit < 8; ++digit, number /= 10) {
        if (digit == 4)
            code += '-';
        code += static_cast<char>('0' + number % 10);
    }
    return code;
}

std::string digest_of(std::string_view secret)
{
    Bytes out{};
    if (EVP_Digest(secret.data(), secret.size(), out.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("there is no SHA-256");
    return hex_of(out);
}

} // namespace paravent::dashboard
