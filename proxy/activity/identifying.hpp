#pragma once

#include <string_view>

namespace paravent::activity {

/// A word that can name a kind of identifier: small letters, digits, "_", at most 24. Client hints, which travel beside
/// them, are none.
bool is_kind(std::string_view text) noexcept;

/// Whether something told under this name is an identifier (em, external_id, client_ip_address …).
bool names_identifier(std::string_view key) noexcept;

/// Whether the text holds what identifies somebody: a mail address, a hash (MD5, SHA-1, SHA-256 in hex), Meta's own
/// cookies and click ids.
bool may_identify(std::string_view text) noexcept;

/// Whether an article's number is none: ids of articles are often hex digits too, so only the plainest cases count.
bool is_no_article(std::string_view id) noexcept;

/// Whether the hash is that of nothing or of the word "undefined": the site's mistake, it told nothing.
bool is_hash_of_nothing(std::string_view text) noexcept;

} // namespace paravent::activity
