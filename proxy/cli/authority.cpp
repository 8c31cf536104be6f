#include "proxy/cli/authorities.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/owner.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/tls/authorities.hpp"
#include "proxy/tls/signing.hpp"

#include <openssl/pem.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>

namespace paravent::cli {
namespace {

std::string shown(const std::filesystem::path& path)
{
    return dashboard::inert(path.string());
}

/// Newest first; what is not in order is said on stderr. @throws Failure where there is none
std::vector<ShownAuthority> all_of(const Place& place)
{
    auto all = authorities_of(place)->all();
    for (const auto& problem : all.problems)
        std::cerr << "paravent: " << dashboard::inert(problem) << '\n';
    if (!all.authorities.empty())
        return std::move(all.authorities);
    if (!all.problems.empty())
        throw Failure(failed,
                      "no certificate authority could be read: put its file back from a backup, or have another "
                      "one made (`paravent authority remove`, then `create`)");
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

void describe(const ShownAuthority& authority)
{
    std::cout << dashboard::inert(authority.name) << '\n'
              << "  SHA-256      " << dashboard::inert(authority.fingerprint) << '\n'
              << "  created      " << local_time(authority.created_ms) << '\n'
              << "  not after    " << local_time(authority.not_after_ms) << '\n'
              << "  may sign for " << folded("this box alone: " + dashboard::inert(joined(authority.names))) << '\n'
              << "               " << folded("Meta's domains alone: " + dashboard::inert(joined(authority.domains)))
              << '\n'
              << "  never for    any IPv4 or IPv6 address, e-mail, programs, or another authority\n";
    if (!authority.notice.empty())
        std::cout << "  " << folded(dashboard::inert(authority.notice)) << '\n';
}

/// Where the root's key is to go: a file that was not there before, and the passphrase.
RootFile root_file(const std::filesystem::path& file, const std::filesystem::path& passphrase_file)
{
    if (file.empty())
        return {};
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, error)))
        throw Failure(wrong_usage, shown(file) + ": there is such a file; name another for the root's key");
    return {file, passphrase_file.empty() ? passphrase_from_terminal("the root's key")
                                          : passphrase_from_file(passphrase_file)};
}

int found(const Place& place, const Authority& options, bool second)
{
    (void)settings_at(place); // what is wrong with them is said before anybody is asked for a passphrase
    const auto root = root_file(options.keep_root, options.passphrase_file);
    const auto made = authorities_of(place)->make(second, root);
    std::cout << (second
                      ? "A second certificate authority stands beside the first. Each device is served from the one it "
                        "has proved to trust.\n"
                      : "This home has a certificate authority of its own.\n");
    describe(made);
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

std::string der_of(const std::string& pem)
{
    const auto bio = tls::reading_from(pem);
    const tls::Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
    tls::require(certificate != nullptr, "reading a certificate");
    return tls::der_of(certificate.get());
}

int remove(const Place& place, const std::string& fingerprint)
{
    for (const auto& name : authorities_of(place)->remove(fingerprint))
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
        for (const auto& each : all_of(place))
            describe(each);
        return 0;
    case Authority::Action::export_root:
        break;
    case Authority::Action::remove:
        return remove(place, options.fingerprint);
    }
    const auto newest = all_of(place).front();
    std::ofstream out(options.file, std::ios::binary | std::ios::trunc);
    out << (is_der(options.file) ? der_of(newest.certificate) : newest.certificate) << std::flush;
    if (!out)
        throw Failure(failed, shown(options.file) + ": user " + user_name() + " cannot write there");
    std::cout << "The certificate of " << dashboard::inert(newest.name) << " is in " << shown(options.file)
              << ". Compare before installing it:\n  SHA-256 " << dashboard::inert(newest.fingerprint) << '\n';
    return 0;
} catch (const tls::AuthorityError& error) {
    throw Failure(failed, dashboard::inert(error.what()));
}

} // namespace paravent::cli
