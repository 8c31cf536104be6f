#include "proxy/tls/authorities.hpp"

#include "proxy/files/file.hpp"
#include "proxy/tls/private_folder.hpp"

#include <openssl/crypto.h>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace paravent::tls {
namespace {

constexpr std::size_t most = 2; // a third would leave the devices of the first behind
constexpr std::size_t largest = 64 * 1024;

using Files = std::map<unsigned, std::filesystem::path, std::greater<>>; // newest first

std::filesystem::path folder_of(const std::filesystem::path& state)
{
    return state / "authority";
}

/// One change at a time, also by two commands at once.
class Lock {
public:
    explicit Lock(const std::filesystem::path& folder) : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))
    {
        if (fd_ >= 0)
            (void)::flock(fd_, LOCK_EX);
    }
    ~Lock()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    int fd_;
};

/// "1.pem", "2.pem" …: in the order in which they were made.
Files files_in(const std::filesystem::path& folder)
{
    Files files;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const auto stem = entry->path().stem().string();
        unsigned number = 0;
        const auto read = std::from_chars(stem.data(), stem.data() + stem.size(), number);
        if (entry->path().extension() == ".pem" && read.ec == std::errc{} && read.ptr == stem.data() + stem.size())
            files.emplace(number, entry->path());
    }
    if (error && error != std::errc::no_such_file_or_directory)
        throw AuthorityError(folder.string() + " cannot be read: " + error.message());
    return files;
}

std::shared_ptr<const Authority> read_file(const std::filesystem::path& file)
{
    auto content = files::read_file(file, largest);
    if (!content)
        throw AuthorityError(content.error().message());
    const struct Overwrite {
        ~Overwrite() { OPENSSL_cleanse(text.data(), text.size()); }
        std::string& text;
    } overwrite{content->text};
    return std::make_shared<const Authority>(Authority::from_text(content->text));
}

std::shared_ptr<const Authority> write_new(const std::filesystem::path& folder, unsigned number, Founding founding,
                                           const KeepRoot& keep)
{
    if (keep)
        keep(founding.root_key.get());
    founding.root_key.reset();
    const auto text = founding.authority->text();
    const auto file = folder / (std::to_string(number) + ".pem");
    if (const auto error = files::write_whole(file, bytes_of(text.get())))
        throw AuthorityError(file.string() + " cannot be written: " + error.message());
    return std::move(founding.authority);
}

void make_folder(const std::filesystem::path& folder)
{
    if (const auto error = make_private_folder(folder))
        throw AuthorityError(folder.string() + " cannot be made: " + error.message());
}

/// The fingerprint without colons, in capitals.
std::string plain(std::string_view fingerprint)
{
    std::string out;
    for (const char c : fingerprint)
        if (c != ':')
            out += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return out;
}

} // namespace

LoadedAuthorities load_authorities(const std::filesystem::path& state)
{
    LoadedAuthorities loaded;
    try {
        for (const auto& [number, file] : files_in(folder_of(state))) {
            try {
                loaded.authorities.push_back(read_file(file));
            } catch (const std::runtime_error& error) {
                loaded.problems.push_back(file.string() + " is no authority of Paravent's: " + error.what());
            }
        }
    } catch (const AuthorityError& error) {
        loaded.problems.emplace_back(error.what());
    }
    return loaded;
}

std::shared_ptr<const Authority> create_authority(const std::filesystem::path& state,
                                                  std::span<const std::string> box_names, Seconds now,
                                                  const KeepRoot& keep)
{
    Founding founding(box_names, now);
    const auto folder = folder_of(state);
    make_folder(folder);
    const Lock lock(folder);
    if (!files_in(folder).empty())
        throw AuthorityError(
            "there is a certificate authority already (`paravent authority show`); `paravent authority "
            "renew` makes a second one beside it");
    return write_new(folder, 1, std::move(founding), keep);
}

std::shared_ptr<const Authority> renew_authority(const std::filesystem::path& state,
                                                 std::span<const std::string> box_names, Seconds now,
                                                 const KeepRoot& keep)
{
    const auto folder = folder_of(state);
    const Lock lock(folder);
    const auto files = files_in(folder);
    if (files.empty())
        throw AuthorityError("there is no certificate authority to renew; `paravent authority create` makes one");
    if (files.size() >= most)
        throw AuthorityError("there are two certificate authorities already; when every device trusts the newer one, "
                             "`paravent authority remove --fingerprint F` forgets the older");
    return write_new(folder, files.begin()->first + 1, Founding(box_names, now), keep);
}

std::vector<std::string> remove_authorities(const std::filesystem::path& state, std::string_view fingerprint)
{
    const auto folder = folder_of(state);
    const Lock lock(folder);
    const auto start = plain(fingerprint);
    std::vector<std::pair<std::filesystem::path, std::string>> chosen;
    for (const auto& [number, file] : files_in(folder)) {
        std::string name = file.filename().string();
        bool matches = false;
        try {
            const auto authority = read_file(file);
            name = authority->name();
            matches = plain(authority->fingerprint()).starts_with(start);
        } catch (const std::runtime_error&) {
            matches = start.empty(); // one that is not in order goes with all
        }
        if (matches)
            chosen.emplace_back(file, name);
    }
    if (!start.empty() && chosen.size() > 1)
        throw AuthorityError("the fingerprints of two authorities begin like that: give more of it");
    std::vector<std::string> names;
    for (const auto& [file, name] : chosen) {
        std::error_code error;
        if (!std::filesystem::remove(file, error) && error)
            throw AuthorityError(file.string() + " cannot be removed: " + error.message());
        names.push_back(name);
    }
    if (start.empty()) {
        std::error_code ignored;
        std::filesystem::remove(folder, ignored); // stays where something of somebody else's is in it
    }
    return names;
}

void replace_authorities(const std::filesystem::path& state, const AuthorityList& newest_first)
{
    const auto folder = folder_of(state);
    make_folder(folder);
    const Lock lock(folder);
    const auto before = files_in(folder);
    auto number = before.empty() ? 0 : before.begin()->first;
    std::vector<std::filesystem::path> written;
    std::error_code ignored;
    for (auto authority = newest_first.rbegin(); authority != newest_first.rend(); ++authority) {
        written.push_back(folder / (std::to_string(++number) + ".pem"));
        const auto text = (*authority)->text();
        const auto error = files::write_whole(written.back(), bytes_of(text.get()));
        if (!error)
            continue;
        for (const auto& file : written)
            std::filesystem::remove(file, ignored);
        throw AuthorityError(written.back().string() + " cannot be written: " + error.message());
    }
    for (const auto& [old, file] : before)
        std::filesystem::remove(file, ignored);
}

} // namespace paravent::tls
