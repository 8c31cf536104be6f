#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::dashboard {

/// What is kept of a password: scrypt (RFC 7914) with a salt of its own. 16 MiB for a moment, on a Raspberry Pi half a
/// second: enough to make guessing from a stolen card slow.
struct PasswordHash {
    std::uint64_t n = 1 << 14; ///< cost
    std::uint64_t r = 8, p = 5;
    std::string salt, hash; ///< hex
};

/// @throws std::runtime_error where the kernel gives no random bytes or there is no memory
PasswordHash hash_password(std::string_view password);
/// In time that does not depend on how much of it is right. False, too, where the numbers are none that we write.
bool is_password(const PasswordHash& kept, std::string_view password);

/// Why a text is no password that can be set; empty where it is one.
std::string_view problem_with_password(std::string_view password) noexcept;

/// 256 random bits as hex: sessions, tokens. @throws as above
std::string fresh_secret();
/// Eight digits that a person can copy, "1234-5678". @throws as above
std::string fresh_code();
/// SHA-256 as hex, for secrets that are random: those need no slow hash.
std::string digest_of(std::string_view secret);

} // namespace paravent::dashboard
