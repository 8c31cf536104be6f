#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::wire {

/// Of a request's body so much is captured, and so much comes out of it at most (security-goals.md H9).
inline constexpr std::size_t max_captured_bytes = 1024 * 1024;
inline constexpr std::size_t max_inflated_bytes = 8 * 1024 * 1024;

struct Inflated {
    enum class Ending : std::uint8_t {
        whole,
        cut,       ///< the input ends before the content does
        too_large, ///< a bound was reached, in or out
        damaged,
        unknown, ///< a coding that is not known here
    };
    std::string bytes; ///< what came before the end, whatever that was
    Ending ending = Ending::whole;
};

/// The content of a body by its field Content-Encoding (RFC 9110, section 8.4): gzip, x-gzip, deflate (in zlib's format
/// as the RFC says, or raw as some send it), identity, none; at most two codings on each other. What stands behind the
/// content, but further gzip members, is passed over. `bytes` beyond max_captured_bytes are not looked at.
Inflated inflate(std::string_view content_encoding, std::string_view bytes, std::size_t largest = max_inflated_bytes);

} // namespace paravent::wire
