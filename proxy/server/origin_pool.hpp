#pragma once

#include "proxy/net/buffer.hpp"
#include "proxy/net/stream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace paravent::server {

/// A connection to an origin (or to a parent proxy) that speaks HTTP/1.
struct Origin {
    std::unique_ptr<net::Stream> stream;
    net::Buffer in;
    bool reused = false; ///< came from the pool, so it may have died of age
};

/// One worker's idle connections to origins, by `key_of_way`.
class OriginPool {
public:
    /// One that is still good, latest used first, or one without a stream.
    Origin take(const std::string& key);
    /// Keeps it where there is room; else closes it.
    void give_back(const std::string& key, Origin origin, net::Millis idle);
    /// Closes those idle for too long and those that their origin closed; called with each tick.
    void sweep(std::int64_t now);
    void clear() noexcept
    {
        idle_.clear();
        count_ = 0;
    }

private:
    static constexpr std::size_t most = 512, most_of_one = 128;
    struct Idle {
        Origin origin;
        std::int64_t until;
    };
    std::unordered_map<std::string, std::vector<Idle>> idle_;
    std::size_t count_ = 0;
    static constexpr std::int64_t sweep_every_ms = 1000;
    std::int64_t next_sweep_ = 0;
};

} // namespace paravent::server
