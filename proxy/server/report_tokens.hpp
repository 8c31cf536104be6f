#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace paravent::server {

/// What a stand-in needs to tell us something: a token that is good once, for the device it was given to, and a key
/// for that one report. Whoever else is asked, because nothing leads through Paravent any more, gives no token; and
/// what was already on its way then is nothing that he can read. Keyed by a secret of the running process, kept
/// nowhere. Thread-safe.
class ReportTokens {
public:
    /// @throws std::runtime_error where the system has no random bytes
    ReportTokens();

    static constexpr std::int64_t good_for_ms = 10'000;
    static constexpr std::size_t most_bytes = 2880; ///< of a report: 3,840 in base64, 4 KB of URL with all the rest
    static constexpr std::size_t most_taken = 4096; ///< reports within `good_for_ms`; more are refused

    struct Given {
        std::string token; ///< hexadecimal
        std::string pad;   ///< base64: what the report's bytes are combined with (xor), byte by byte
    };
    /// What a stand-in is given when it is loaded, and finds again beside each token: so it knows that it still speaks
    /// to us and not to somebody who answers in our words.
    std::string password(std::string_view device) const;
    /// What the button of a blocked page carries: for that device and that host alone.
    std::string allowance(std::string_view device, std::string_view host) const;
    Given give(std::string_view device, std::int64_t now_ms);

    /// The report in the clear, and the token is used up; nothing where the token is forged, another device's, too old
    /// or used, or `sealed` is no base64 (RFC 4648, section 5, without "=").
    std::optional<std::string> open(std::string_view token, std::string_view sealed, std::string_view device,
                                    std::int64_t now_ms);

private:
    struct Token;
    std::string mac_of(const Token& token, std::string_view device) const;
    std::string pad_of(std::string_view token, std::size_t size) const;
    std::string keyed(std::string_view text) const;
    bool take(const std::string& mac, std::int64_t now_ms);

    std::array<unsigned char, 32> secret_{};
    std::mutex mutex_;
    std::deque<std::pair<std::int64_t, std::string>> taken_; ///< until when each has to be known, oldest first
};

} // namespace paravent::server
