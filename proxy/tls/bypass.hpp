#pragma once

#include "proxy/tls/least_recent.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::tls {

using Millis = std::int64_t; ///< since 1970

/// How a client refused our certificate.
enum class Refusal : std::uint8_t {
    unknown_ca, ///< the first three by an alert
    bad_certificate,
    certificate_unknown,
    closed,       ///< by closing in the middle of the handshake, after our certificate
    closed_later, ///< by closing after it without having asked for anything: a browser's preconnect looks the same
};
/// "unknown_ca", "bad_certificate", "certificate_unknown", "closed" (both kinds), as in interface.md.
std::string_view name_of(Refusal refusal) noexcept;

/// An app that accepts no certificate but its maker's: its connections to that host are left alone for a day.
struct Bypass {
    std::string id;
    std::string device, host;
    Refusal reason = Refusal::closed;
    Millis since_ms = 0, until_ms = 0;
};

/// Who refused our certificate where (table I8). Refusals and successes are remembered in memory, bypasses also in the
/// state directory: `text` and the constructor. Calls may come from any thread.
class BypassMemory {
public:
    enum class Way : std::uint8_t {
        intercept,
        tunnel,
        block, ///< the host carries nothing but tracking: it gets no tunnel because an app is choosy
    };

    BypassMemory() = default;
    /// From what `text` wrote; whatever else it is, there are no bypasses then.
    explicit BypassMemory(std::string_view text);

    /// `tracking_only`: no rule knows anything on that host that is not tracking.
    Way way(std::string_view device, std::string_view host, bool tracking_only, Millis now);

    /// The next place in the order in which connections begin and are refused: a clock has equal milliseconds.
    std::uint64_t moment() noexcept { return ++moments_; }

    /// A connection that began at the moment `began` was refused at `now`. Connections that were on their way together
    /// count once: an app opens several. Returns the bypass that this makes, if it does: at the second refusal within 5
    /// minutes.
    std::optional<Bypass> refused(std::string_view device, std::string_view host, Refusal reason, std::uint64_t began,
                                  Millis now);
    /// The device asked for something inside: it takes our certificate for that host, and what was refused before does
    /// not count any more.
    void succeeded(std::string_view device, std::string_view host, Millis now);

    std::vector<Bypass> bypasses(Millis now) const; ///< newest first, without those that ended
    bool remove(std::string_view id);
    void forget_device(std::string_view device); ///< "" forgets all

    std::string text() const;
    /// Counts up with each change of what `text` holds.
    std::uint64_t version() const;

private:
    struct Count {
        unsigned refusals = 0, late_refusals = 0;
        Millis first_ms = 0, last_ms = 0;
        std::uint64_t last = 0; ///< the moment of the last refusal
    };
    void add(Bypass bypass);
    void make_room(const std::string& device, Millis now);

    mutable std::mutex mutex_;
    std::map<std::string, Bypass> bypasses_; ///< by device and host
    LeastRecent<Count> counts_{4096};
    LeastRecent<Millis> successes_{8192};
    std::uint64_t next_id_ = 1, version_ = 0;
    std::atomic<std::uint64_t> moments_ = 0;
};

} // namespace paravent::tls
