#pragma once

#include <string_view>

namespace paravent::activity {

/// A word that can name a kind of identifier: small letters, "_", few digits, at most 24 and a letter first. Client
/// hints, which travel beside them, are none.
bool is_kind(std::string_view text) noexcept;

/// Whether something told under this name is an identifier: Meta's own names (em, external_id, client_ip_address …),
/// and those that shops give by themselves, read word by word ("customer_phone", "billingFirstName", "Phone Number").
bool names_identifier(std::string_view key) noexcept;

/// Whether the text holds what identifies somebody beyond doubt: a mail address or a SHA-256 in hex. Asked of what has
/// numbers of its own: ids of articles.
bool identifies(std::string_view text) noexcept;

/// Whether the text holds what may identify somebody or a browser: the above, an MD5 or SHA-1, a UUID, Meta's cookies
/// and click ids, the number that Google Analytics gives a browser.
bool may_identify(std::string_view text) noexcept;

/// The same for the path of a page, which may hold a session too.
bool path_may_identify(std::string_view path) noexcept;

/// Whether a value is nothing, a word for it ("undefined", "null", "NaN") or the hash of that: the site's mistake, it
/// told nothing.
bool is_nothing(std::string_view text) noexcept;

} // namespace paravent::activity
