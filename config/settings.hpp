#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::config {

using Duration = std::chrono::milliseconds;

/// "250ms" is not a duration of ours; a number and s, m, min, h or d is ("m" and "min" are minutes),
/// the number with up to three decimals.
/// Nothing where the text is none or the result over ten years.
std::optional<Duration> parse_duration(std::string_view text) noexcept;

/// Every error of a settings file at once, each as `file:line:column: section.key: sentence`, one a line.
class SettingsError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

enum class Profile : std::uint8_t { off, log, standard, strict };
enum class Privacy : std::uint8_t { counters, events, full };
std::string_view name_of(Profile profile) noexcept;
std::string_view name_of(Privacy privacy) noexcept;
std::optional<Profile> profile_named(std::string_view name) noexcept;
std::optional<Privacy> privacy_named(std::string_view name) noexcept;

/// A listening address as written: "127.0.0.1:8480", "[::1]:8480", "0.0.0.0:8480". Checked when read. An IPv4 address
/// mapped into IPv6 becomes IPv4, here and wherever an address is read.
struct Endpoint {
    std::string address; ///< numeric, IPv6 without brackets
    std::uint16_t port = 0;
    bool operator==(const Endpoint&) const = default;
};
/// `default_port` 0: a port must be written.
std::optional<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port = 0);

struct Device {
    std::string name;
    std::string address; ///< numeric, or empty
    std::string mac;     ///< lower case, "aa:bb:cc:dd:ee:ff", or empty
    std::optional<Profile> profile;
    std::optional<bool> meta_apps, facebook_login, browsers_only, intercept;
    std::optional<Privacy> privacy;
};

struct List {
    std::string name;
    std::string file; ///< path; relative ones are relative to the settings file's folder, resolved when read
    std::string url;
    std::string category; ///< left out: "other"; for a switch of our own list (no file, no url): its name
    bool enabled = true;
    bool intercept = false;
    bool insecure = false; ///< its url may begin with http://
};

/// What paravent.toml says (interface.md, "Settings"); the initialisers are the defaults.
struct Settings {
    struct {
        std::vector<Endpoint> listen = {{"127.0.0.1", 8480}};
        std::vector<Endpoint> steered, redirected;
        std::vector<std::string> clients = {"loopback"}; ///< "loopback", "home", an address, a network
        std::vector<std::uint16_t> ports = {80, 443};
        std::vector<std::string> private_destinations; ///< networks in CIDR or addresses
        unsigned workers = 0;                          ///< 0 = one for each CPU it may run on
    } proxy;
    struct {
        std::vector<Endpoint> listen = {{"127.0.0.1", 8481}};
        std::vector<std::string> names = {"paravent.local"};
    } dashboard;
    struct {
        std::vector<Endpoint> servers; ///< none = the system's; port 53 where none is written
        std::string hosts;             ///< path or empty
    } resolver;
    struct {
        enum class Kind : std::uint8_t { none, http, socks5 } kind = Kind::none;
        std::string host;
        std::uint16_t port = 0;
        std::string user, password; ///< userinfo of the URL, percent-decoded
    } upstream;
    struct {
        std::string trust; ///< path or empty
        Duration remember = std::chrono::hours{24};
    } tls;
    Profile profile = Profile::standard;
    std::vector<Device> devices;
    std::vector<List> lists;
    struct {
        std::string path = "statistics.db"; ///< relative ones are relative to the state directory
        Privacy privacy = Privacy::events;
        Duration retention = std::chrono::days{30};
        Duration flush = std::chrono::minutes{10};
    } statistics;
    struct {
        std::string level = "info"; ///< trace debug info warn error off
        std::string format = "text";
    } log;
    struct {
        unsigned connections = 0; ///< 0 = by the descriptors there are
        unsigned per_client = 0;  ///< 0 = all, but the last tenth is kept for other clients
        Duration head = std::chrono::seconds{10};
        Duration connect = std::chrono::seconds{10};
        Duration tls = std::chrono::seconds{10};
        Duration resolve = std::chrono::seconds{5};
        Duration idle = std::chrono::seconds{60};
        Duration tunnel_idle = std::chrono::hours{2};
        Duration drain = std::chrono::seconds{30};
        Duration fetch = std::chrono::minutes{5}; ///< for a subscribed list to come whole
    } limits;
    std::filesystem::path file; ///< where it was read from; empty: the defaults
};

/// Reads and checks a settings file. @throws SettingsError with every error found (unreadable file: one).
Settings read_settings(const std::filesystem::path& file);
/// The same from text; `name` stands in the messages.
Settings parse_settings(std::string_view text, const std::filesystem::path& name);

/// What is wrong with a subscription that comes from elsewhere than a settings file (name, url, category, insecure), as
/// "key: sentence".
std::optional<std::string> fault_of_subscription(const List& list);

/// The settings file in force: `given` if not empty, else $PARAVENT_CONFIG, else config/paravent.toml beside the build
/// that `program` was started from (an ancestor folder of it), else /etc/paravent/paravent.toml, else none.
std::optional<std::filesystem::path> find_settings(const std::filesystem::path& given,
                                                   const std::filesystem::path& program);
/// `given` if not empty, else $STATE_DIRECTORY, $XDG_STATE_HOME/paravent, ~/.local/state/paravent.
std::filesystem::path state_directory(const std::filesystem::path& given);

} // namespace paravent::config
