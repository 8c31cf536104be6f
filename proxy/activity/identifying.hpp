#pragma once

#include <string_view>

namespace paravent::activity {

/// A word that can name a kind of identifier: small letters, digits, "_", at most 24. Client hints, which travel beside
/// them, are none.
bool is_kind(std::string_view text) noexcept;

/// Whether something told under this name is an identifier (em, external_id, client_ip_address …).
bool names_identifier(std::string_view key) noexcept;

/// Whether the text holds what identifies somebody beyond doubt: a mail address or a SHA-256 in hex. Asked of what has
/// numbers of its own: addresses of pages, ids of articles.
bool identifies(std::string_view text) noexcept;

/// Whether the text holds what may identify somebody or a browser: the above, an MD5 or SHA-1, a UUID, Meta's cookies
/// and click ids, the number that Google Analytics gives a browser.
bool may_identify(std::string_view text) noexcept;

/// Whether the hash is that of nothing or of the word "undefined": the site's mistake, it told nothing.
bool is_hash_of_nothing(std::string_view text) noexcept;

} // namespace paravent::activity
