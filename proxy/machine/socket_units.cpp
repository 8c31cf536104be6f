#include "proxy/machine/socket_units.hpp"

#include "proxy/machine/command.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace paravent::machine {
namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 4> units{{{"paravent.socket", "proxy"},
                                                                         {"paravent-dashboard.socket", "dashboard"},
                                                                         {"paravent-steered.socket", "steered"},
                                                                         {"paravent-redirected.socket", "redirected"}}};

/// "0.0.0.0:443 (Stream)", "[::]:443 (Stream)"
bool read_socket(std::string_view text, Listening& out)
{
    text = text.substr(0, text.find(' '));
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return false;
    auto address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    out.address = address;
    const auto* const end = text.data() + text.size();
    return std::from_chars(text.data() + colon + 1, end, out.port).ptr == end && out.port != 0;
}

} // namespace

UnitSockets read_unit_sockets(std::string_view text)
{
    UnitSockets all;
    std::string_view id;
    std::vector<Listening> sockets;
    bool active = false;
    const auto end_of_unit = [&] {
        for (const auto& [unit, role] : units)
            if (unit == id && active && !sockets.empty())
                all[role] = sockets;
        id = {};
        sockets.clear();
        active = false;
    };
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
        Listening socket;
        if (line.empty())
            end_of_unit();
        else if (line.starts_with("Id="))
            id = line.substr(3);
        else if (line == "ActiveState=active")
            active = true;
        else if (line.starts_with("Listen=") && read_socket(line.substr(7), socket))
            sockets.push_back(std::move(socket));
    }
    end_of_unit();
    return all;
}

UnitSockets unit_sockets()
{
    std::vector<std::string> words{"show", "--property=Id", "--property=ActiveState", "--property=Listen"};
    for (const auto& [unit, role] : units)
        words.emplace_back(unit);
    const auto said = run("systemctl", words);
    return said.state == CommandResult::State::done ? read_unit_sockets(said.text) : UnitSockets{};
}

} // namespace paravent::machine
