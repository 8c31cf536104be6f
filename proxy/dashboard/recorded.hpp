#pragma once

#include <boost/json/array.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::dashboard {

/// A request that somebody wrote down, as `paravent decode` reads it.
struct RecordedRequest {
    std::uint64_t number = 0; ///< its line, or its entry in the HAR, from 1
    std::int64_t time_ms = 0; ///< Unix time; 0 where it is not known
    std::string method, url;
    std::string page; ///< as the recording names it; else Referer and Origin tell
    std::string referer, origin, cookies, content_type, content_encoding;
    std::string body; ///< as it was sent, or inflated already

    /// Takes what matters here of a field; names in any case.
    void take_field(std::string_view name, std::string_view value);
};

/// The bytes that base64 text stands for (RFC 4648, also with its URL-safe letters; blanks and line ends are passed
/// over). Returns false where the text is none.
bool decode_base64(std::string_view text, std::string& out);

/// The request's events, without what only the running service knows (id, verdict, rule); empty where it
/// tells Meta nothing.
boost::json::array decoded(const RecordedRequest& request);
/// The same as JSON lines.
std::string decoded_lines(const RecordedRequest& request);

} // namespace paravent::dashboard
