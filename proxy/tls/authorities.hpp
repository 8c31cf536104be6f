#pragma once

#include "proxy/tls/authority.hpp"

#include <filesystem>
#include <functional>

/// The home's authorities on disk: STATE/authority (0700), one file each (0600). None, one, or a second beside the
/// first while the devices move to it.
namespace paravent::tls {

using AuthorityList = std::vector<std::shared_ptr<const Authority>>;

struct LoadedAuthorities {
    AuthorityList authorities;         ///< newest first
    std::vector<std::string> problems; ///< a sentence for each file that is not in order; it is left alone
};
LoadedAuthorities load_authorities(const std::filesystem::path& state);

/// What an owner wants done with the root's key before it is gone, and before anything is written. May throw.
using KeepRoot = std::function<void(EVP_PKEY*)>;

/// The first authority. @throws AuthorityError where there is one, or where it cannot be made or written
std::shared_ptr<const Authority> create_authority(const std::filesystem::path& state,
                                                  std::span<const std::string> box_names, Seconds now,
                                                  const KeepRoot& keep = {});
/// A second one. @throws AuthorityError where there is none or are two already
std::shared_ptr<const Authority> renew_authority(const std::filesystem::path& state,
                                                 std::span<const std::string> box_names, Seconds now,
                                                 const KeepRoot& keep = {});
/// Removes all, or the one whose fingerprint begins so ("ab12", "AB:12"). Returns the names of those that went; none
/// where there was none to remove. @throws AuthorityError where two begin so, or a file cannot be removed
std::vector<std::string> remove_authorities(const std::filesystem::path& state, std::string_view fingerprint = {});

/// In place of all that are there, as a backup has them. @throws AuthorityError where they cannot be written; all is as
/// before then
void replace_authorities(const std::filesystem::path& state, const AuthorityList& newest_first);

/// A key as encrypted PKCS#8 (AES-256, scrypt), PEM; `openssl pkey` reads it.
std::string encrypted_key(EVP_PKEY* key, std::string_view passphrase);

} // namespace paravent::tls
