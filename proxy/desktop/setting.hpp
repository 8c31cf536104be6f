#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::desktop {

/// Where programs are to be sent.
struct Target {
    std::string pac;  ///< the address of the automatic configuration file
    std::string host; ///< numeric, IPv6 without brackets
    std::uint16_t port = 0;
    bool fixed = false; ///< the proxy itself in place of the file
};

/// Keys with their values, as the place writes them; nothing: not set, so that the place's own default holds.
using Values = std::map<std::string, std::optional<std::string>, std::less<>>;

struct Reading {
    bool here = false;   ///< this computer has such a place
    std::string problem; ///< a sentence where it is here and cannot be read
    Values values;
};

/// One place where a desktop keeps the proxy setting.
class Setting {
public:
    virtual ~Setting() = default;
    virtual std::string name() const = 0;  ///< in the memory: "gnome"
    virtual std::string title() const = 0; ///< for people: "GNOME"
    virtual Reading read() const = 0;
    /// What would stand there; nothing where this place cannot say it.
    virtual std::optional<Values> wanted(const Target& target) const = 0;
    /// The key that decides whether the others hold ("mode").
    virtual std::string_view deciding() const = 0;
    /// Where this key leads, alone or with its neighbour (a host with its port), as `place_in` writes it; empty:
    /// nowhere.
    virtual std::string leads(const Values& values, std::string_view key) const = 0;
    /// Writes these keys and leaves all others. Empty, or a sentence that says why not.
    virtual std::string write(const Values& values) = 0;
    virtual std::string describe(const Values& values) const = 0; ///< for people: "automatic: http://…"
};

using Settings = std::vector<std::unique_ptr<Setting>>;

struct Home {
    std::filesystem::path config; ///< $XDG_CONFIG_HOME, else ~/.config
};

std::unique_ptr<Setting> gnome();
std::unique_ptr<Setting> kde(const Home& home);
std::unique_ptr<Setting> shells(const Home& home);
/// One for each active connection that leads out, and one for each name remembered ("network-manager UUID").
Settings network_manager(std::span<const std::string> remembered);

/// "127.0.0.1:8480", "[::1]:8480"
std::string address_of(const Target& target);
/// Host and port of an address however a desktop or a person writes it: "http://localhost:8480/", "127.0.0.1 8480" are
/// both "127.0.0.1:8480".
std::string place_in(std::string_view address);
/// The value of a key; empty where there is none.
std::string_view value_at(const Values& values, std::string_view key);

} // namespace paravent::desktop
