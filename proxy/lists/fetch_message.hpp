#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the service and its helper program `paravent-fetch` say to each other: lines "key value", an empty line behind
// the last. Neither trusts the other's text: the helper has read what strangers sent.
namespace paravent::lists {

/// Text of one list at most, unpacked.
inline constexpr std::size_t largest_fetched = std::size_t{64} << 20;
/// Lines of one list at most. The largest lists in use have about a million.
inline constexpr std::size_t most_lines = 2'000'000;
inline constexpr std::size_t largest_message = 16 * 1024;

struct FetchRequest {
    std::string url;
    std::string etag, last_modified; ///< of the text that is here; empty where none is
    bool insecure = false;           ///< http:// may be asked
    std::string trust;               ///< a PEM file whose authorities are trusted besides the system's, or empty
    std::string upstream;            ///< "http://host:port" or "socks5h://host:port", or empty
    std::string upstream_user, upstream_password;
    std::chrono::milliseconds connect{0}; ///< for a connection with its handshake
    std::chrono::milliseconds idle{0};    ///< between two bytes
    std::chrono::milliseconds whole{0};   ///< for all of it
};

/// What came of it: a new text (`length` bytes of it follow the message), the word that there is none, or an error.
struct FetchReply {
    enum class Kind : std::uint8_t { error, unchanged, text } kind = Kind::error;
    std::string error; ///< a sentence's end: "answers 404 Not Found"
    std::string etag, last_modified;
    std::size_t rules = 0;
    std::optional<std::chrono::seconds> expires; ///< as the list itself says
    std::size_t length = 0;
};

std::string text_of(const FetchRequest& request);
std::string text_of(const FetchReply& reply);

/// The message at the beginning of `text`; its length with the empty line in `length`. Nothing where it is no message
/// of ours. A message that is not whole yet: `length` is 0.
std::optional<FetchRequest> read_request(std::string_view text, std::size_t& length);
std::optional<FetchReply> read_reply(std::string_view text, std::size_t& length);

/// One line of printable text, control characters replaced, at most `most` bytes.
std::string one_line(std::string_view text, std::size_t most = 300);

} // namespace paravent::lists
