// NetworkManager's setting, one for each connection: proxy.method and proxy.pac-url (nm-settings-nmcli(5)). It hands
// them to PacRunner; programs that ask PacRunner follow them, in every user's session.
#include "proxy/desktop/program.hpp"
#include "proxy/desktop/setting.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace paravent::desktop {
namespace {

constexpr std::string_view prefix = "network-manager ";
constexpr std::array<std::string_view, 3> keys = {"proxy.method", "proxy.pac-url", "proxy.pac-script"};

/// Kinds of connections that lead out of the house; not bridges, tunnels, loopback.
constexpr std::array<std::string_view, 6> outward = {"802-3-ethernet", "802-11-wireless", "gsm",
                                                     "cdma",           "bluetooth",       "pppoe"};

Said nmcli(std::vector<std::string> words)
{
    words.insert(words.begin(), {"nmcli", "--terse", "--escape", "no"});
    return run(words);
}

class Connection final : public Setting {
public:
    Connection(std::string uuid) : uuid_(std::move(uuid)) {}

    std::string name() const override { return std::string(prefix) + uuid_; }
    std::string_view deciding() const override { return "proxy.method"; }

    std::string leads(const Values& values, std::string_view key) const override
    {
        return key == "proxy.pac-url" ? place_in(value_at(values, key)) : "";
    }

    std::string title() const override
    {
        const auto id = nmcli({"--get-values", "connection.id", "connection", "show", uuid_});
        return "NetworkManager, " + (id.status == 0 && !id.out.empty() ? "\"" + id.out + "\"" : uuid_);
    }

    Reading read() const override
    {
        Reading reading{true, {}, {}};
        for (const auto key : keys) {
            const auto value = nmcli({"--get-values", std::string(key), "connection", "show", uuid_});
            if (value.status == 10) // the connection is no more
                return {};
            if (value.status != 0) {
                reading.problem = "NetworkManager's setting cannot be read: " + reason(value, "nmcli failed");
                return reading;
            }
            const bool unset = value.out.empty() || (key == deciding() && value.out == "none");
            reading.values.emplace(key, unset ? std::nullopt : std::optional(value.out));
        }
        return reading;
    }

    std::optional<Values> wanted(const Target& target) const override
    {
        if (target.fixed)
            return std::nullopt;
        // A script of the connection's own would go before the address.
        return Values{{"proxy.method", "auto"}, {"proxy.pac-url", target.pac}, {"proxy.pac-script", std::nullopt}};
    }

    std::string write(const Values& values) override
    {
        std::vector<std::string> words{"connection", "modify", uuid_};
        for (const auto& [key, value] : values) {
            words.push_back(key);
            words.push_back(value ? *value : key == deciding() ? "none" : "");
        }
        const auto said = nmcli(words);
        if (said.status != 0)
            return "NetworkManager's setting cannot be changed: " + reason(said, "nmcli failed");
        take_effect();
        return {};
    }

    std::string describe(const Values& values) const override
    {
        if (value_at(values, "proxy.method") != "auto")
            return "no proxy";
        const auto url = value_at(values, "proxy.pac-url");
        if (!value_at(values, "proxy.pac-script").empty())
            return "automatic, by a script of its own";
        return "automatic, " + (url.empty() ? std::string("found in the network") : "by " + std::string(url));
    }

private:
    /// The connection need not go down for it. One that is not up takes it when it comes up.
    void take_effect() const
    {
        const auto device = nmcli({"--get-values", "GENERAL.DEVICES", "connection", "show", uuid_});
        if (device.status == 0 && !device.out.empty())
            (void)nmcli({"device", "reapply", device.out});
    }

    std::string uuid_;
};

} // namespace

Settings network_manager(std::span<const std::string> remembered)
{
    std::vector<std::string> uuids;
    for (const auto& name : remembered)
        if (name.starts_with(prefix))
            uuids.push_back(name.substr(prefix.size()));
    std::istringstream lines(nmcli({"--fields", "UUID,TYPE", "connection", "show", "--active"}).out);
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos || std::ranges::find(outward, line.substr(colon + 1)) == outward.end())
            continue;
        if (const auto uuid = line.substr(0, colon); std::ranges::find(uuids, uuid) == uuids.end())
            uuids.push_back(uuid);
    }
    Settings settings;
    for (auto& uuid : uuids)
        settings.push_back(std::make_unique<Connection>(uuid));
    return settings;
}

} // namespace paravent::desktop
