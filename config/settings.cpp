#include "config/settings.hpp"

#include "config/address.hpp"
#include "config/entries.hpp"
#include "config/section.hpp"
#include "config/upstream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace paravent::config {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t largest_file = std::size_t{1} << 20;
constexpr hours day{24};
constexpr milliseconds tenth{100};

/// The sections of the file, by name; says so where one is written as something else.
class Document {
public:
    Document(const toml::table& root, Report& report) : root_(root), report_(report) {}

    const toml::table* section(std::string_view name)
    {
        const auto* node = find(name);
        if (node != nullptr && !node->is_table())
            complain(name, *node, "is a section; write [" + std::string(name) + "] once, and its keys below");
        return node == nullptr ? nullptr : node->as_table();
    }

    const toml::array* entries(std::string_view name)
    {
        const auto* node = find(name);
        if (node == nullptr)
            return nullptr;
        const auto* array = node->as_array();
        if (array == nullptr || !std::ranges::all_of(*array, [](const auto& item) { return item.is_table(); })) {
            complain(name, *node, "is a list of entries; write [[" + std::string(name) + "]] above each");
            return nullptr;
        }
        return array;
    }

    void finish()
    {
        for (const auto& [key, node] : root_)
            if (!asked_.contains(key.str()))
                report_.unknown({key.source().begin.line, key.source().begin.column}, "", key.str());
    }

private:
    const toml::node* find(std::string_view name)
    {
        asked_.emplace(name);
        report_.know("", name);
        return root_.get(name);
    }
    void complain(std::string_view name, const toml::node& node, std::string sentence)
    {
        report_.add(place_of(node), std::string(name), std::move(sentence));
    }

    const toml::table& root_;
    Report& report_;
    std::set<std::string, std::less<>> asked_;
};

std::string fault_of_endpoint(std::string_view text)
{
    const auto colon = text.rfind(':');
    const std::string_view host = text.substr(0, colon);
    if (parse_address(text) || colon == std::string_view::npos)
        return "is no address with a port (like 127.0.0.1:8480 or [::1]:8480)";
    if (parse_address(host) || (host.starts_with('[') && host.ends_with(']')))
        return "is no address (port 1 to 65535)";
    return "is no address (numbers, like 127.0.0.1:8480 or [::1]:8480)";
}

std::string fault_of_network(std::string_view text)
{
    if (const auto around = network_around(text))
        return "is no network: its last bits are not zero; write " + in_quotes(*around) + " or a lone address";
    return "is no network and no address (like 192.168.1.0/24 or 192.168.1.20)";
}

std::optional<std::string> parse_client(std::string_view text)
{
    return text == "loopback" || text == "home" ? std::optional(std::string(text)) : parse_network(text);
}

std::string fault_of_client(std::string_view text)
{
    if (network_around(text))
        return fault_of_network(text);
    return "is none of \"loopback\", \"home\", an address, a network (like 192.168.1.0/24)";
}

/// The listening addresses of the whole file; two of them must not ask the system for the same port.
class Listeners {
public:
    void read(Section& section, std::string_view name, std::string_view key, std::vector<Endpoint>& out)
    {
        section.list(key, out, [](std::string_view text) { return parse_endpoint(text); }, fault_of_endpoint);
        const std::string full = std::string(name) + '.' + std::string(key);
        for (const auto& endpoint : out) {
            for (const auto& [taken, by] : taken_)
                if (collide(endpoint, taken))
                    section.complain(key, "port " + std::to_string(endpoint.port) + " of " + endpoint.address +
                                              " is taken already, by " + by + "; choose another");
            taken_.emplace_back(endpoint, full);
        }
    }

private:
    static bool collide(const Endpoint& a, const Endpoint& b)
    {
        const auto is_six = [](const Endpoint& endpoint) { return endpoint.address.find(':') != std::string::npos; };
        const auto is_any = [](const Endpoint& e) { return e.address == "0.0.0.0" || e.address == "::"; };
        return a.port == b.port && is_six(a) == is_six(b) && (a.address == b.address || is_any(a) || is_any(b));
    }

    std::vector<std::pair<Endpoint, std::string>> taken_;
};

void read_proxy(const toml::table* table, Settings& out, Listeners& listeners, Report& report)
{
    Section section("proxy", table, report);
    listeners.read(section, "proxy", "listen", out.proxy.listen);
    listeners.read(section, "proxy", "steered", out.proxy.steered);
    listeners.read(section, "proxy", "redirected", out.proxy.redirected);
    section.list("clients", out.proxy.clients, parse_client, fault_of_client);
    if (section.is_empty("clients"))
        section.complain("clients", "nobody may use the proxy; write at least [\"loopback\"], this computer alone");
    section.ports("ports", out.proxy.ports);
    if (section.is_empty("ports"))
        section.complain("ports", "nothing could be reached; write at least [80, 443]");
    section.list("private_destinations", out.proxy.private_destinations, parse_network, fault_of_network);
    section.number("workers", out.proxy.workers, 0, 256);
    section.finish();
}

void read_dashboard(const toml::table* table, Settings& out, Listeners& listeners, Report& report)
{
    Section section("dashboard", table, report);
    listeners.read(section, "dashboard", "listen", out.dashboard.listen);
    section.list("names", out.dashboard.names, parse_host_name,
                 [](std::string_view) { return "is no host name (like \"paravent.local\")"; });
    section.finish();
}

void read_resolver(const toml::table* table, const std::filesystem::path& folder, Settings& out, Report& report)
{
    Section section("resolver", table, report);
    section.list(
        "servers", out.resolver.servers, [](std::string_view text) { return parse_endpoint(text, 53); },
        [](std::string_view) { return "is no name server's address (like 192.0.2.1 or [2001:db8::1]:5353)"; });
    section.path("hosts", out.resolver.hosts, folder);
    section.finish();
}

void read_upstream_section(const toml::table* table, Settings& out, Report& report)
{
    Section section("upstream", table, report);
    if (const auto url = section.text("proxy"))
        if (const auto fault = read_upstream(*url, out.upstream))
            section.complain("proxy", *fault);
    section.finish();
}

void read_tls(const toml::table* table, const std::filesystem::path& folder, Settings& out, Report& report)
{
    Section section("tls", table, report);
    section.path("trust", out.tls.trust, folder);
    section.duration("remember", out.tls.remember, seconds{0}, 365 * day);
    section.finish();
}

void read_policy(const toml::table* table, Settings& out, Report& report)
{
    Section section("policy", table, report);
    section.word("profile", out.profile, profile_named, "is no profile (off, log, standard or strict)");
    section.finish();
}

void read_statistics(const toml::table* table, Settings& out, Report& report)
{
    Section section("statistics", table, report);
    if (auto path = section.text("path")) {
        if (path->empty() || path->ends_with('/'))
            section.complain("path", "names a file, like \"statistics.db\" (in the state directory)");
        out.statistics.path = std::move(*path);
    }
    section.word("privacy", out.statistics.privacy, privacy_named, "is no privacy level (counters, events or full)");
    section.duration("retention", out.statistics.retention, seconds{1}, 3650 * day);
    section.duration("flush", out.statistics.flush, seconds{0}, day);
    section.finish();
}

auto one_of(std::initializer_list<std::string_view> words)
{
    return [words = std::vector(words)](std::string_view text) -> std::optional<std::string> {
        return std::ranges::find(words, text) != words.end() ? std::optional(std::string(text)) : std::nullopt;
    };
}

void read_log(const toml::table* table, Settings& out, Report& report)
{
    Section section("log", table, report);
    section.word("level", out.log.level, one_of({"trace", "debug", "info", "warn", "error", "off"}),
                 "is no level (trace, debug, info, warn, error or off)");
    section.word("format", out.log.format, one_of({"text", "json"}), "is no format (text or json)");
    section.finish();
}

void read_limits(const toml::table* table, Settings& out, Report& report)
{
    Section section("limits", table, report);
    auto& limits = out.limits;
    section.number("connections", limits.connections, 0, 1'000'000);
    section.number("per_client", limits.per_client, 0, 1'000'000);
    section.duration("head", limits.head, tenth, hours{1});
    section.duration("connect", limits.connect, tenth, hours{1});
    section.duration("tls", limits.tls, tenth, hours{1});
    section.duration("resolve", limits.resolve, tenth, hours{1});
    section.duration("idle", limits.idle, tenth, day);
    section.duration("tunnel_idle", limits.tunnel_idle, tenth, 30 * day);
    section.duration("drain", limits.drain, seconds{0}, hours{1});
    section.duration("fetch", limits.fetch, tenth, hours{1});
    section.finish();
}

} // namespace

Settings parse_settings(std::string_view text, const std::filesystem::path& name)
{
    Report report(name.string());
    Settings out;
    out.file = name;
    toml::table root;
    try {
        root = toml::parse(text, name.string());
    } catch (const toml::parse_error& error) {
        const auto& begin = error.source().begin;
        report.add({begin.line, begin.column}, "", std::string(error.description()));
        report.finish();
    }
    const auto folder = name.parent_path();
    Document document(root, report);
    Listeners listeners;
    read_proxy(document.section("proxy"), out, listeners, report);
    read_dashboard(document.section("dashboard"), out, listeners, report);
    read_resolver(document.section("resolver"), folder, out, report);
    read_upstream_section(document.section("upstream"), out, report);
    read_tls(document.section("tls"), folder, out, report);
    read_policy(document.section("policy"), out, report);
    read_statistics(document.section("statistics"), out, report);
    read_log(document.section("log"), out, report);
    read_limits(document.section("limits"), out, report);
    out.devices = read_devices(document.entries("device"), report);
    out.lists = read_lists(document.entries("list"), folder, report);
    document.finish();
    report.finish();
    return out;
}

Settings read_settings(const std::filesystem::path& file)
{
    const auto unreadable = [&](std::string_view why) {
        return SettingsError(file.string() + ": cannot be read: " + std::string(why) +
                             "; name another file with --config FILE");
    };
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        throw unreadable("it is a folder");
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in)
        throw unreadable(std::strerror(errno));
    std::string text(largest_file + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad())
        throw unreadable(std::strerror(errno));
    if (text.size() > largest_file)
        throw unreadable("it is larger than 1 MiB");
    return parse_settings(text, file);
}

} // namespace paravent::config
