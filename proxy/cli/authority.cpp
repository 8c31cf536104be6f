#include "proxy/cli/options.hpp"
#include "proxy/cli/owner.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/files/file.hpp"
#include "proxy/tls/authorities.hpp"
#include "proxy/tls/signing.hpp"
#include "rules/domains.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <fstream>
#include <iostream>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace paravent::cli {
namespace {

tls::Seconds now() noexcept
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// While the root's key exists a crash must not write it: no core dump, also none by a program that collects them.
void forbid_core_dumps() noexcept
{
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &none);
    (void)::prctl(PR_SET_DUMPABLE, 0);
}

std::string shown(const std::filesystem::path& path)
{
    return dashboard::inert(path.string());
}

/// The authorities on disk, newest first; what is not in order is said on stderr. @throws Failure where there is none
tls::AuthorityList authorities_at(const std::filesystem::path& state)
{
    auto loaded = tls::load_authorities(state);
    for (const auto& problem : loaded.problems)
        std::cerr << "paravent: " << dashboard::inert(problem) << '\n';
    if (!loaded.authorities.empty())
        return std::move(loaded.authorities);
    if (!loaded.problems.empty())
        throw Failure(failed, "no certificate authority could be read");
    throw Failure(failed, "there is no certificate authority yet: `paravent authority create` makes one");
}

std::string joined(const std::vector<std::string>& names)
{
    std::string out;
    for (const auto& name : names)
        out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

/// A long text in lines of at most 100 characters, the first beginning in column 15, as the others do.
std::string folded(const std::string& text)
{
    constexpr std::size_t width = 100, indent = 15;
    std::string out, line;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        if (indent + line.size() + (end - at) > width) {
            out.append(line).append("\n").append(indent, ' ');
            line.clear();
        }
        line.append(line.empty() ? "" : " ").append(text, at, end - at);
        at = end + 1;
    }
    return out + line;
}

void describe(const tls::Authority& authority)
{
    std::cout << dashboard::inert(authority.name()) << '\n'
              << "  SHA-256      " << authority.fingerprint() << '\n'
              << "  created      " << local_time(authority.created() * 1000) << '\n'
              << "  not after    " << local_time(authority.not_after() * 1000) << '\n'
              << "  may sign for " << folded("this box alone: " + dashboard::inert(joined(authority.box().domains)))
              << '\n'
              << "               " << folded("Meta's domains alone: " + joined(authority.meta().domains)) << '\n'
              << "  never for    any IPv4 or IPv6 address, e-mail, programs, or another authority\n";
    if (const auto notice = authority.expiry_notice(now()); !notice.empty())
        std::cout << "  " << folded(notice) << '\n';
}

/// The root's key, encrypted, in a file that was not there before.
tls::KeepRoot keeper(const std::filesystem::path& file, const std::filesystem::path& passphrase_file)
{
    if (file.empty())
        return {};
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, error)))
        throw Failure(wrong_usage, shown(file) + ": there is such a file; name another for the root's key");
    auto passphrase =
        passphrase_file.empty() ? passphrase_from_terminal("the root's key") : passphrase_from_file(passphrase_file);
    return [file, passphrase = std::move(passphrase)](EVP_PKEY* key) {
        if (const auto problem = files::write_whole(file, tls::encrypted_key(key, passphrase)))
            throw tls::AuthorityError(file.string() + " cannot be written: " + problem.message() +
                                      "; no authority was made");
    };
}

int found(const Place& place, const Authority& options, bool second)
{
    const auto names = settings_at(place).dashboard.names;
    const auto state = config::state_directory(place.state);
    const auto keep = keeper(options.keep_root, options.passphrase_file);
    const AsOwner owner(state);
    forbid_core_dumps(); // after it: becoming another user turns it back on
    // The key's file belongs to whoever gave the command.
    const auto keep_as_caller = [&](EVP_PKEY* key) {
        if (keep)
            owner.as_caller([&] { keep(key); });
    };
    const auto made = second ? tls::renew_authority(state, names, now(), keep_as_caller)
                             : tls::create_authority(state, names, now(), keep_as_caller);
    std::cout << (second
                      ? "A second certificate authority stands beside the first. Each device is served from the one it "
                        "has proved to trust.\n"
                      : "This home has a certificate authority of its own.\n");
    describe(*made);
    if (options.keep_root.empty())
        std::cout << "The root's key is gone. It was never written.\n";
    else
        std::cout << "The root's key is in " << shown(options.keep_root)
                  << ", encrypted. Take it off this computer, and keep the passphrase elsewhere.\n";
    std::cout << "`paravent authority export FILE` writes the certificate to install on devices.\n";
    return 0;
}

bool is_der(const std::filesystem::path& file)
{
    auto extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension == ".der" || extension == ".cer";
}

std::string pem_of(X509* certificate)
{
    const tls::Bio bio{BIO_new(BIO_s_mem())};
    tls::require(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1, "writing a certificate");
    return std::string(tls::bytes_of(bio.get()));
}

int remove(const Place& place, const std::string& fingerprint)
{
    const auto state = config::state_directory(place.state);
    const AsOwner owner(state);
    const auto names = tls::remove_authorities(state, fingerprint);
    if (names.empty())
        throw Failure(failed, fingerprint.empty()
                                  ? "there is no certificate authority to remove"
                                  : "no authority's fingerprint begins with " + dashboard::inert(fingerprint) +
                                        ": `paravent authority show` shows them");
    for (const auto& name : names)
        std::cout << "Removed: " << dashboard::inert(name)
                  << ". Its keys are gone; take its certificate off the devices as well.\n";
    return 0;
}

} // namespace

int authority(const Place& place, const Authority& options)
try {
    switch (options.action) {
    case Authority::Action::none:
        throw Failure(wrong_usage, "authority: one of create, show, export FILE, renew, remove");
    case Authority::Action::create:
    case Authority::Action::renew:
        if (options.keep_root.empty() && !options.passphrase_file.empty())
            throw Failure(wrong_usage, "authority: --passphrase-file goes with --keep-root FILE");
        return found(place, options, options.action == Authority::Action::renew);
    case Authority::Action::show:
        for (const auto& each : authorities_at(config::state_directory(place.state)))
            describe(*each);
        return 0;
    case Authority::Action::export_root:
        break;
    case Authority::Action::remove:
        return remove(place, options.fingerprint);
    }
    const auto newest = authorities_at(config::state_directory(place.state)).front();
    std::ofstream out(options.file, std::ios::binary | std::ios::trunc);
    out << (is_der(options.file) ? tls::der_of(newest->root()) : pem_of(newest->root())) << std::flush;
    if (!out)
        throw Failure(failed, shown(options.file) + ": user " + user_name() + " cannot write there");
    std::cout << "The certificate of " << dashboard::inert(newest->name()) << " is in " << shown(options.file)
              << ". Compare before installing it:\n  SHA-256 " << newest->fingerprint() << '\n';
    return 0;
} catch (const tls::AuthorityError& error) {
    throw Failure(failed, dashboard::inert(error.what()));
}

} // namespace paravent::cli
