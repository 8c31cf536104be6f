#include "proxy/dashboard/guesses.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace paravent::dashboard {
namespace {

std::int64_t delay_after(unsigned wrong)
{
    constexpr unsigned free = 2, doublings = 10;
    if (wrong <= free)
        return 0;
    return std::min<std::int64_t>(1000LL << std::min(wrong - free - 1, doublings), Guesses::longest_ms);
}

} // namespace

std::string source_of(std::string_view address)
{
    in6_addr bytes{};
    std::string text(address.substr(0, address.find('%')));
    if (::inet_pton(AF_INET6, text.c_str(), &bytes) != 1)
        return text;
    std::fill(std::begin(bytes.s6_addr) + 8, std::end(bytes.s6_addr), std::uint8_t{0});
    char out[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET6, &bytes, out, sizeof out);
    return out;
}

std::int64_t Guesses::wait_of(std::string_view address, std::int64_t now_ms) const
{
    const auto found = by_name_.find(source_of(address));
    if (found == by_name_.end())
        return 0;
    const auto& source = *found->second;
    if (now_ms < source.last_ms) // the clock was set back: it starts to wait anew rather than for years
        return delay_after(source.wrong);
    return std::max<std::int64_t>(0, source.last_ms + delay_after(source.wrong) - now_ms);
}

void Guesses::wrong(std::string_view address, std::int64_t now_ms)
{
    const auto name = source_of(address);
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) {
        sources_.splice(sources_.begin(), sources_, found->second);
    } else {
        if (sources_.size() >= most_sources) {
            by_name_.erase(sources_.back().name);
            sources_.pop_back();
        }
        sources_.push_front({name, 0, now_ms});
        by_name_.emplace(name, sources_.begin());
    }
    auto& source = sources_.front();
    if (now_ms - source.last_ms > forgotten_ms)
        source.wrong = 0;
    ++source.wrong;
    source.last_ms = now_ms;
}

void Guesses::right(std::string_view address)
{
    const auto found = by_name_.find(source_of(address));
    if (found == by_name_.end())
        return;
    sources_.erase(found->second);
    by_name_.erase(found);
}

} // namespace paravent::dashboard
