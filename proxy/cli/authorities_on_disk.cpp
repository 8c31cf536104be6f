#include "proxy/cli/authorities.hpp"

#include "proxy/cli/owner.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/files/file.hpp"
#include "proxy/tls/authorities.hpp"
#include "proxy/tls/core_dump.hpp"
#include "proxy/tls/signing.hpp"

#include <chrono>

namespace paravent::cli {
namespace {

tls::Seconds now() noexcept
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

ShownAuthority shown(const tls::Authority& authority)
{
    return {authority.name(),
            authority.fingerprint(),
            authority.created() * 1000,
            authority.not_after() * 1000,
            authority.box().domains,
            authority.meta().domains,
            authority.validity_notice(now()),
            tls::pem_of(authority.root())};
}

/// In the state directory of a service that does not run.
class OnDisk : public Authorities {
public:
    explicit OnDisk(const Place& place) : place_(place), state_(state_at(place)) {}

    All all() override
    {
        auto loaded = tls::load_authorities(state_);
        All all{{}, std::move(loaded.problems)};
        for (const auto& authority : loaded.authorities)
            all.authorities.push_back(shown(*authority));
        return all;
    }

    ShownAuthority make(bool second, const RootFile& root) override
    {
        const auto names = settings_at(place_).dashboard.names;
        const AsOwner owner(state_);
        const tls::NoCoreDump secret; // after it: becoming another user turns them back on
        const auto keep = [&](EVP_PKEY* key) {
            if (!root.file.empty())
                owner.as_caller([&] { write(root, key); });
        };
        return shown(second ? *tls::renew_authority(state_, names, now(), keep)
                            : *tls::create_authority(state_, names, now(), keep));
    }

    std::vector<std::string> remove(const std::string& fingerprint) override
    {
        const AsOwner owner(state_);
        auto names = tls::remove_authorities(state_, fingerprint);
        if (names.empty())
            throw Failure(failed, fingerprint.empty()
                                      ? "there is no certificate authority to remove"
                                      : "no authority's fingerprint begins with " + dashboard::inert(fingerprint) +
                                            ": `paravent authority show` shows them");
        return names;
    }

private:
    static void write(const RootFile& root, EVP_PKEY* key)
    {
        if (const auto problem = files::write_whole(root.file, tls::encrypted_key(key, root.passphrase)))
            throw tls::AuthorityError(root.file.string() + " cannot be written: " + problem.message() +
                                      "; no authority was made");
    }

    const Place place_;
    const std::filesystem::path state_;
};

} // namespace

std::unique_ptr<Authorities> authorities_on_disk(const Place& place)
{
    return std::make_unique<OnDisk>(place);
}

} // namespace paravent::cli
