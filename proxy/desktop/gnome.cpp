// GNOME's setting, which most other desktops on GTK use too (Cinnamon, MATE's and XFCE's browsers): GSettings, kept by
// dconf. Schemas org.gnome.system.proxy and .http, .https (gsettings-desktop-schemas).
#include "proxy/desktop/exceptions.hpp"
#include "proxy/desktop/program.hpp"
#include "proxy/desktop/setting.hpp"

#include <array>
#include <sstream>

namespace paravent::desktop {
namespace {

constexpr std::string_view schema = "org.gnome.system.proxy";
constexpr std::array<std::string_view, 7> keys = {"mode",       "autoconfig-url", "http host",   "http port",
                                                  "https host", "https port",     "ignore-hosts"};

/// GVariant's text format; what comes here is an address of our own, without quotes and backslashes.
std::string in_quotes(std::string_view text)
{
    return "'" + std::string(text) + "'";
}

std::string unquoted(std::string_view text)
{
    return std::string(text.size() >= 2 && text.front() == '\'' ? text.substr(1, text.size() - 2) : text);
}

/// A list in GVariant's text format with the home added; what is in it stays. "*.local" is what GLib, Chromium and
/// Firefox all understand.
std::string with_the_home(std::string_view list)
{
    std::string result = list.empty() || list == "@as []" ? "[" : std::string(list.substr(0, list.size() - 1));
    const auto add = [&](const std::string& entry) {
        if (result.find(in_quotes(entry)) == std::string::npos)
            result += (result == "[" ? "" : ", ") + in_quotes(entry);
    };
    add("localhost");
    add("fritz.box");
    for (const auto network : home_networks())
        add(std::string(network));
    for (const auto suffix : home_suffixes())
        add("*." + std::string(suffix));
    return result + "]";
}

struct Place {
    std::string schema, key;
};

Place place_of(std::string_view key)
{
    const auto space = key.find(' ');
    if (space == std::string_view::npos)
        return {std::string(schema), std::string(key)};
    return {std::string(schema) + "." + std::string(key.substr(0, space)), std::string(key.substr(space + 1))};
}

/// "SCHEMA KEY VALUE" lines, of the keys that concern us.
Values parse(const std::string& listed)
{
    Values found;
    std::istringstream lines(listed);
    for (std::string line; std::getline(lines, line);)
        for (const auto key : keys) {
            const auto place = place_of(key);
            const auto start = place.schema + " " + place.key + " ";
            if (line.starts_with(start))
                found.emplace(key, line.substr(start.size()));
        }
    return found;
}

class Gnome final : public Setting {
public:
    std::string name() const override { return "gnome"; }
    std::string title() const override { return "GNOME"; }
    std::string_view deciding() const override { return "mode"; }

    std::string leads(const Values& values, std::string_view key) const override
    {
        if (key == "autoconfig-url")
            return place_in(unquoted(value_at(values, key)));
        const std::string scheme(key.substr(0, key.find(' ')));
        const auto host = unquoted(value_at(values, scheme + " host"));
        return host.empty() ? "" : place_in(host + ":" + std::string(value_at(values, scheme + " port")));
    }

    Reading read() const override
    {
        const std::vector<std::string> list{"gsettings", "list-recursively", std::string(schema)};
        const auto now = run(list);
        if (!now.there || now.error.find("No such schema") != std::string::npos)
            return {};
        Reading reading{true, {}, parse(now.out)};
        if (now.status != 0 || !reading.values.contains("mode")) {
            reading.problem = "GNOME's proxy setting cannot be read: " + reason(now, "gsettings said nothing");
            return reading;
        }
        // GSettings does not tell a value that somebody chose from the default. What equals the default goes back by
        // reset, so that nothing of ours stays behind; the memory backend knows the defaults alone.
        const auto defaults = parse(run(list, {"GSETTINGS_BACKEND=memory"}).out);
        for (auto& [key, value] : reading.values)
            if (const auto found = defaults.find(key); found != defaults.end() && found->second == value)
                value.reset();
        return reading;
    }

    std::optional<Values> wanted(const Target& target) const override
    {
        if (!target.fixed)
            return Values{{"mode", in_quotes("auto")}, {"autoconfig-url", in_quotes(target.pac)}};
        const auto port = std::to_string(target.port);
        return Values{
            {"mode", in_quotes("manual")}, {"http host", in_quotes(target.host)},
            {"http port", port},           {"https host", in_quotes(target.host)},
            {"https port", port},          {"ignore-hosts", with_the_home(value_at(read().values, "ignore-hosts"))}};
    }

    std::string write(const Values& values) override
    {
        // Switched off first and on last: "auto" without an address would have programs search the network for one.
        const auto mode = values.find("mode");
        const bool off = mode != values.end() && (!mode->second || *mode->second == in_quotes("none"));
        Said last;
        for (const bool turn : {off, !off})
            for (const auto& [key, value] : values)
                if ((key == "mode") == turn)
                    if (last = write_one(key, value); last.status != 0)
                        return "GNOME's proxy setting cannot be changed: " + reason(last, "gsettings failed");
        // Without a session bus gsettings warns and ends as if all were well.
        const auto now = read();
        for (const auto& [key, value] : values)
            if (const auto found = now.values.find(key); found == now.values.end() || found->second != value)
                return "GNOME's proxy setting did not stay: " + why_not(last);
        return {};
    }

    std::string describe(const Values& values) const override
    {
        const auto mode = unquoted(value_at(values, "mode"));
        if (mode == "auto")
            return "automatic, by " + unquoted(value_at(values, "autoconfig-url"));
        if (mode == "manual")
            return "by hand, http " + proxy_of(values, "http") + ", https " + proxy_of(values, "https");
        return "no proxy";
    }

private:
    static std::string proxy_of(const Values& values, const std::string& kind)
    {
        const auto host = unquoted(value_at(values, kind + " host"));
        return host.empty() ? "none" : host + ":" + std::string(value_at(values, kind + " port"));
    }

    static Said write_one(const std::string& key, const std::optional<std::string>& value)
    {
        const auto place = place_of(key);
        return value ? run({"gsettings", "set", place.schema, place.key, *value})
                     : run({"gsettings", "reset", place.schema, place.key});
    }

    static std::string why_not(const Said& said)
    {
        if (said.error.find("backend") != std::string::npos)
            return "nothing keeps it here; the package dconf-gsettings-backend does";
        return "no session bus answers (" + reason(said, "dbus is missing") +
               "); run this in the desktop's own session, as its user";
    }
};

} // namespace

std::unique_ptr<Setting> gnome()
{
    return std::make_unique<Gnome>();
}

} // namespace paravent::desktop
