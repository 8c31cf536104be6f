#include "proxy/policy/exceptions.hpp"

#include "rules/domains.hpp"

#include <algorithm>
#include <tuple>

namespace paravent::policy {

Exception Exceptions::add(Exception exception, std::int64_t now_ms)
{
    const std::string given = exception.site.substr(0, 100);
    const auto site = rules::normal_host(exception.site);
    if (!site)
        throw PolicyError("\"" + given + "\" is no site: write its name alone, such as shop.example");
    if (exception.verdict != rules::Action::allow && exception.verdict != rules::Action::block)
        throw PolicyError("an exception allows or blocks, nothing else");
    if (exception.until_ms && *exception.until_ms <= now_ms)
        throw PolicyError("the end of the exception for " + *site + " is already over");

    drop_ended(now_ms);
    exception.site = *site;
    std::erase_if(all_, [&](const Exception& e) { return e.site == exception.site && e.device == exception.device; });
    if (all_.size() >= limit)
        throw PolicyError("there are " + std::to_string(limit) + " exceptions already: remove some first");
    exception.id = std::to_string(next_id_++);
    return all_.emplace_back(std::move(exception));
}

bool Exceptions::remove(std::string_view id)
{
    return std::erase_if(all_, [&](const Exception& e) { return e.id == id; }) != 0;
}

void Exceptions::forget_device(std::string_view device)
{
    std::erase_if(all_, [&](const Exception& e) { return device.empty() ? !e.device.empty() : e.device == device; });
}

bool Exceptions::drop_ended(std::int64_t now_ms)
{
    return std::erase_if(all_, [&](const Exception& e) { return e.until_ms && *e.until_ms <= now_ms; }) != 0;
}

std::vector<Exception> Exceptions::for_device(std::string_view device) const
{
    using Rank = std::tuple<std::ptrdiff_t, bool, std::size_t>; // labels, for all, age: the least is asked first
    std::vector<std::pair<Rank, const Exception*>> ranked;
    for (std::size_t i = 0; i < all_.size(); ++i) {
        const Exception& e = all_[i];
        if (e.device.empty() || e.device == device)
            ranked.emplace_back(Rank(-std::count(e.site.begin(), e.site.end(), '.'), e.device.empty(), all_.size() - i),
                                &e);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<Exception> found;
    found.reserve(ranked.size());
    for (const auto& [rank, exception] : ranked)
        found.push_back(*exception);
    return found;
}

void Exceptions::restore(std::vector<Exception> all, std::uint64_t next_id)
{
    all_ = std::move(all);
    next_id_ = next_id;
}

} // namespace paravent::policy
