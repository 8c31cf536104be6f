#include "proxy/machine/listening.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

namespace paravent::machine {
namespace {

constexpr std::string_view listen_state = "0A"; ///< TCP_LISTEN in /proc/net/tcp

/// "0100007F" as the kernel writes it: 32-bit words in the computer's own order.
std::string address_of(std::string_view hex)
{
    std::array<std::uint32_t, 4> words{};
    const std::size_t count = hex.size() / 8;
    for (std::size_t i = 0; i < count && i < words.size(); ++i)
        words[i] = static_cast<std::uint32_t>(std::stoul(std::string(hex.substr(8 * i, 8)), nullptr, 16));
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), text.data(), text.size());
    return text.data();
}

void read(const char* file, std::vector<Listening>& out)
{
    std::ifstream in(file);
    std::string line;
    std::getline(in, line); // the titles
    while (std::getline(in, line)) {
        std::istringstream fields(line);
        std::string number, local, remote, state, skipped;
        fields >> number >> local >> remote >> state;
        if (state != listen_state) // those that listen come first
            return;
        Listening socket;
        for (int i = 0; i < 5; ++i) // queues, timer, retransmits, user, timeout
            fields >> skipped;
        fields >> socket.inode;
        const auto colon = local.find(':');
        if (!fields || colon == std::string::npos)
            continue;
        socket.address = address_of(std::string_view(local).substr(0, colon));
        socket.port = static_cast<std::uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16));
        out.push_back(std::move(socket));
    }
}

bool holds(const std::filesystem::path& process, const std::string& link)
{
    std::error_code error;
    for (std::filesystem::directory_iterator each(process / "fd", error), end; !error && each != end;
         each.increment(error)) {
        std::error_code gone;
        if (std::filesystem::read_symlink(each->path(), gone).string() == link)
            return true;
    }
    return false;
}

} // namespace

std::vector<Listening> listening()
{
    std::vector<Listening> all;
    read("/proc/self/net/tcp", all);
    read("/proc/self/net/tcp6", all);
    return all;
}

std::string program_of(const Listening& socket)
{
    const auto link = "socket:[" + std::to_string(socket.inode) + "]";
    std::string found;
    std::error_code error;
    for (std::filesystem::directory_iterator each("/proc", error), end; !error && each != end; each.increment(error)) {
        const auto name = each->path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos || !holds(each->path(), link))
            continue;
        std::ifstream in(each->path() / "comm");
        std::string program;
        std::getline(in, program);
        // A port that systemd opened is its, and that of the program it was handed to.
        if (found.empty() || found == "systemd")
            found = program;
    }
    return found;
}

const Listening* taker(const std::vector<Listening>& sockets, const std::string& address, std::uint16_t port)
{
    const bool v6 = address.find(':') != std::string::npos;
    const auto find = [&](std::string_view wanted) -> const Listening* {
        for (const auto& socket : sockets)
            if (socket.port == port && socket.address == wanted)
                return &socket;
        return nullptr;
    };
    if (const auto* exact = find(address))
        return exact;
    if (const auto* any = find(v6 ? "::" : "0.0.0.0"))
        return any;
    return v6 ? nullptr : find("::");
}

} // namespace paravent::machine
