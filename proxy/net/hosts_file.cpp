#include "proxy/net/hosts_file.hpp"

#include "proxy/net/deadlines.hpp"
#include "rules/domains.hpp"

#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace paravent::net {
namespace {

constexpr std::int64_t look_every_ms = 1000;
constexpr std::size_t most_names = 200'000;

std::uint64_t version_of(const std::filesystem::path& file) noexcept
{
    struct stat s{};
    if (::stat(file.c_str(), &s) != 0)
        return 0;
    const auto mix = [](std::uint64_t seed, std::uint64_t value) { return (seed ^ value) * 0x9e3779b97f4a7c15u; };
    std::uint64_t v = mix(1, static_cast<std::uint64_t>(s.st_mtim.tv_sec));
    v = mix(v, static_cast<std::uint64_t>(s.st_mtim.tv_nsec));
    v = mix(v, static_cast<std::uint64_t>(s.st_size));
    return mix(v, s.st_ino) | 1;
}

} // namespace

std::string why_unreadable(const std::filesystem::path& hosts)
{
    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(hosts, error);
    if (!is_folder && ::access(hosts.c_str(), R_OK) == 0)
        return {};
    return "[resolver] hosts: " + hosts.string() + ": " +
           (is_folder ? "a folder" : std::generic_category().message(errno)) + ", so none of its names is known";
}

HostsFile::HostsFile(std::filesystem::path file) : file_(std::move(file))
{
    refresh();
}

const Addresses* HostsFile::find(const std::string& name)
{
    if (coarse_now() - looked_at_ >= look_every_ms)
        refresh();
    const auto found = names_.find(name);
    return found == names_.end() ? nullptr : &found->second;
}

void HostsFile::refresh()
{
    looked_at_ = coarse_now();
    const auto version = version_of(file_);
    if (version == version_)
        return;
    version_ = version;
    names_.clear();
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line) && names_.size() < most_names;) {
        line.resize(std::min(line.find('#'), line.size()));
        std::istringstream words(line);
        std::string word;
        if (!(words >> word))
            continue;
        boost::system::error_code bad;
        const Address address = boost::asio::ip::make_address(word, bad);
        if (bad)
            continue;
        while (words >> word)
            if (const auto name = rules::normal_host(word))
                names_[*name].push_back(address);
    }
}

} // namespace paravent::net
