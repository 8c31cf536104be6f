#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace paravent::dashboard {

/// How long each source of wrong passwords has to wait: two are free, then 1 s, 2, 4 … up to 15 minutes. An hour after
/// the last one a source begins anew. No clock of its own; bounded.
class Guesses {
public:
    static constexpr std::size_t most_sources = 1024;
    static constexpr std::int64_t longest_ms = 15 * 60 * 1000, forgotten_ms = 60 * 60 * 1000;

    /// Milliseconds until this source may try again; 0: now.
    std::int64_t wait_of(std::string_view address, std::int64_t now_ms) const;
    void wrong(std::string_view address, std::int64_t now_ms);
    void right(std::string_view address);

private:
    struct Source {
        std::string name;
        unsigned wrong = 0;
        std::int64_t last_ms = 0;
    };
    std::list<Source> sources_; ///< latest first
    std::unordered_map<std::string, std::list<Source>::iterator> by_name_;
};

/// Who counts as one: an IPv4 address, or the /64 of an IPv6 one (a home's computer picks any address in it).
std::string source_of(std::string_view address);

} // namespace paravent::dashboard
