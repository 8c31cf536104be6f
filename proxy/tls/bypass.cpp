#include "proxy/tls/bypass.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace paravent::tls {
namespace {

constexpr Millis minute = 60'000;
constexpr Millis window = 5 * minute;
constexpr Millis bypassed = 24 * 60 * minute;
constexpr Millis remembered = 24 * 60 * minute; // that a host succeeded
constexpr unsigned enough = 2;
constexpr unsigned enough_late = 4;
constexpr std::size_t most = 4096;
constexpr std::size_t most_of_one = 256; // one device cannot push out the others'

constexpr Refusal refusals[] = {Refusal::unknown_ca, Refusal::bad_certificate, Refusal::certificate_unknown,
                                Refusal::closed};

std::optional<Bypass> read_entry(const boost::json::value& value)
{
    Bypass bypass;
    const auto* object = value.if_object();
    if (object == nullptr)
        return std::nullopt;
    std::string reason;
    for (const auto& [key, to] :
         {std::pair{"id", &bypass.id}, {"device", &bypass.device}, {"host", &bypass.host}, {"reason", &reason}}) {
        const auto* found = object->if_contains(key);
        if (found == nullptr || !found->is_string() || found->as_string().empty() || found->as_string().size() > 300)
            return std::nullopt;
        *to = found->as_string();
    }
    for (const auto& [key, to] : {std::pair{"since", &bypass.since_ms}, {"until", &bypass.until_ms}}) {
        const auto* found = object->if_contains(key);
        if (found == nullptr || !found->is_int64())
            return std::nullopt;
        *to = found->as_int64();
    }
    const auto* known = std::find_if(std::begin(refusals), std::end(refusals),
                                     [&](Refusal refusal) { return name_of(refusal) == reason; });
    if (known == std::end(refusals))
        return std::nullopt;
    bypass.reason = *known;
    return bypass;
}

} // namespace

std::string_view name_of(Refusal refusal) noexcept
{
    switch (refusal) {
    case Refusal::unknown_ca:
        return "unknown_ca";
    case Refusal::bad_certificate:
        return "bad_certificate";
    case Refusal::certificate_unknown:
        return "certificate_unknown";
    case Refusal::closed:
    case Refusal::closed_later:
        break;
    }
    return "closed";
}

BypassMemory::BypassMemory(std::string_view text)
{
    boost::system::error_code error;
    const auto document = boost::json::parse(text, error);
    const auto* object = error ? nullptr : document.if_object();
    const auto* entries = object != nullptr ? object->if_contains("bypasses") : nullptr;
    const auto* next = object != nullptr ? object->if_contains("next_id") : nullptr;
    if (next != nullptr && next->is_int64() && next->as_int64() > 0)
        next_id_ = static_cast<std::uint64_t>(next->as_int64());
    if (entries == nullptr || !entries->is_array())
        return;
    for (const auto& entry : entries->as_array())
        if (auto bypass = read_entry(entry); bypass && bypasses_.size() < most)
            add(std::move(*bypass));
    version_ = 0;
}

std::string BypassMemory::text() const
{
    const std::lock_guard lock(mutex_);
    boost::json::array entries;
    for (const auto& [key, bypass] : bypasses_)
        entries.push_back({{"id", bypass.id},
                           {"device", bypass.device},
                           {"host", bypass.host},
                           {"reason", name_of(bypass.reason)},
                           {"since", bypass.since_ms},
                           {"until", bypass.until_ms}});
    return boost::json::serialize(boost::json::object{{"format", 1}, {"next_id", next_id_}, {"bypasses", entries}}) +
           "\n";
}

std::uint64_t BypassMemory::version() const
{
    const std::lock_guard lock(mutex_);
    return version_;
}

void BypassMemory::add(Bypass bypass)
{
    auto key = key_of(bypass.device, bypass.host);
    bypasses_.insert_or_assign(std::move(key), std::move(bypass));
    ++version_;
}

BypassMemory::Way BypassMemory::way(std::string_view device, std::string_view host, bool tracking_only, Millis now)
{
    const std::lock_guard lock(mutex_);
    const auto found = bypasses_.find(key_of(device, host));
    // A clock that was ahead for a while must not make a bypass last for years.
    if (found == bypasses_.end() || now >= found->second.until_ms || now + bypassed < found->second.until_ms)
        return Way::intercept;
    return tracking_only ? Way::block : Way::tunnel;
}

void BypassMemory::make_room(const std::string& device, Millis now)
{
    std::erase_if(bypasses_, [now](const auto& entry) { return now >= entry.second.until_ms; });
    const auto of_device = [&device](const auto& entry) { return entry.second.device == device; };
    const auto ends_first = [](const auto& a, const auto& b) { return a.second.until_ms < b.second.until_ms; };
    if (static_cast<std::size_t>(std::count_if(bypasses_.begin(), bypasses_.end(), of_device)) >= most_of_one) {
        auto first = bypasses_.end();
        for (auto entry = bypasses_.begin(); entry != bypasses_.end(); ++entry)
            if (of_device(*entry) && (first == bypasses_.end() || ends_first(*entry, *first)))
                first = entry;
        bypasses_.erase(first);
    }
    if (bypasses_.size() >= most)
        bypasses_.erase(std::min_element(bypasses_.begin(), bypasses_.end(), ends_first));
}

std::optional<Bypass> BypassMemory::refused(std::string_view device, std::string_view host, Refusal reason,
                                            std::uint64_t began, Millis now)
{
    const std::lock_guard lock(mutex_);
    const auto key = key_of(device, host);
    const auto* success = successes_.find(key);
    // Where a browser on that device asks for things on that host, one that asks for nothing is a preconnect.
    const bool late = reason == Refusal::closed_later;
    if (late && success != nullptr && now - *success < remembered)
        return std::nullopt;

    auto* count = counts_.find(key);
    // Two workers may come in the other order than they read the clock; a clock that was set back is another matter.
    if (count == nullptr || now - count->first_ms > window || now + minute < count->last_ms)
        count = &counts_.put(key, {0, 0, now, now, 0});
    if (began < count->last)
        return std::nullopt;
    count->last_ms = now;
    count->last = moment();
    ++(late ? count->late_refusals : count->refusals);
    if (count->refusals < enough && count->refusals + count->late_refusals < enough_late)
        return std::nullopt;

    counts_.erase(key);
    Bypass bypass{
        "b" + std::to_string(next_id_++), std::string(device), std::string(host), reason, now, now + bypassed};
    make_room(bypass.device, now);
    add(bypass);
    return bypass;
}

void BypassMemory::succeeded(std::string_view device, std::string_view host, Millis now)
{
    const std::lock_guard lock(mutex_);
    const auto key = key_of(device, host);
    counts_.erase(key);
    successes_.put(key, now);
}

std::vector<Bypass> BypassMemory::bypasses(Millis now) const
{
    const std::lock_guard lock(mutex_);
    std::vector<Bypass> out;
    for (const auto& [key, bypass] : bypasses_)
        if (now < bypass.until_ms)
            out.push_back(bypass);
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.since_ms > b.since_ms; });
    return out;
}

bool BypassMemory::remove(std::string_view id)
{
    const std::lock_guard lock(mutex_);
    const bool removed = std::erase_if(bypasses_, [id](const auto& entry) { return entry.second.id == id; }) > 0;
    version_ += removed ? 1 : 0;
    return removed;
}

void BypassMemory::forget_device(std::string_view device)
{
    const std::lock_guard lock(mutex_);
    const auto of_device = [start = key_of(device), device](const std::string& key) {
        return device.empty() || key.starts_with(start);
    };
    version_ += std::erase_if(bypasses_, [&](const auto& entry) { return of_device(entry.first); }) > 0 ? 1 : 0;
    counts_.erase_if([&](const auto& key, const auto&) { return of_device(key); });
    successes_.erase_if([&](const auto& key, const auto&) { return of_device(key); });
}

} // namespace paravent::tls
