#include "proxy/tls/interception.hpp"

#include <algorithm>
#include <stdexcept>

namespace paravent::tls {

Interception::Interception(std::filesystem::path state, const std::filesystem::path& trust)
    : state_(std::move(state)), trusted_(trust), bypasses_(state_ / "bypasses.json"), trust_(state_ / "trust.json")
{
    check_trust(trust);
    load();
}

void Interception::configure(const std::filesystem::path& trust)
{
    check_trust(trust);
    const std::lock_guard lock(mutex_);
    verified_.forget_all(); // by roots that may be gone
    origins_ = nullptr;
    trusted_ = trust;
}

void Interception::load()
{
    auto loaded = load_authorities(state_);
    const std::lock_guard lock(mutex_);
    authorities_ = std::make_shared<const AuthorityList>(std::move(loaded.authorities));
    problems_ = std::move(loaded.problems);
}

std::shared_ptr<const AuthorityList> Interception::authorities() const
{
    const std::lock_guard lock(mutex_);
    return authorities_;
}

std::vector<std::string> Interception::problems() const
{
    const std::lock_guard lock(mutex_);
    return problems_;
}

std::shared_ptr<const Authority> Interception::create(std::span<const std::string> box_names, Seconds now,
                                                      const KeepRoot& keep)
{
    auto made = create_authority(state_, box_names, now, keep);
    load();
    return made;
}

std::shared_ptr<const Authority> Interception::renew(std::span<const std::string> box_names, Seconds now,
                                                     const KeepRoot& keep)
{
    auto made = renew_authority(state_, box_names, now, keep);
    load();
    return made;
}

std::vector<std::string> Interception::remove(std::string_view fingerprint)
{
    const auto before = authorities();
    auto removed = remove_authorities(state_, fingerprint);
    load();
    const auto after = authorities();
    for (const auto& authority : *before)
        if (std::ranges::find(*after, authority->id(), &Authority::id) == after->end())
            trust().forget_authority(authority->id());
    clients_.forget_all();
    crls_.forget_all();
    {
        const std::lock_guard lock(mutex_);
        if (origins_)
            origins_->forget_sessions();
    }
    return removed;
}

/// Made when it is needed: most homes never do, and to read the system's roots takes 40 ms and half a megabyte.
std::shared_ptr<OriginSide> Interception::origins()
{
    const std::lock_guard lock(mutex_);
    if (origins_)
        return origins_;
    try {
        origins_ = std::make_shared<OriginSide>(trusted_);
    } catch (const std::runtime_error&) { // the file went since it was checked: what only it vouches for is tunnelled
        origins_ = std::make_shared<OriginSide>(std::filesystem::path{});
    }
    return origins_;
}

void Interception::remember_verified(const std::shared_ptr<OriginSide>& by, const std::string& origin,
                                     const std::string& alpn, const std::string& protocol, std::int64_t now_ms)
{
    const std::lock_guard lock(mutex_);
    if (by == origins_)
        verified_.verified(origin, alpn, protocol, now_ms);
}

void Interception::forget_device(std::string_view device)
{
    bypasses().forget_device(device);
    trust().forget_device(device);
}

boost::system::error_code Interception::save()
{
    const std::lock_guard lock(saving_);
    const auto error = bypasses_.save();
    const auto other = trust_.save();
    return error ? error : other;
}

} // namespace paravent::tls
