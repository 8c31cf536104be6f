// KDE's setting: the group "Proxy Settings" of kioslaverc (KIO's kprotocolmanager; Chromium reads it too). The file is
// edited in place of kwriteconfig, which each KDE names otherwise, and which cannot say what was not set before.
#include "proxy/desktop/exceptions.hpp"
#include "proxy/desktop/kconfig.hpp"
#include "proxy/desktop/program.hpp"
#include "proxy/desktop/setting.hpp"
#include "proxy/files/file.hpp"

#include <cstdlib>

namespace paravent::desktop {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view group = "Proxy Settings";
constexpr std::uintmax_t largest = 1024 * 1024;

class Kde final : public Setting {
public:
    explicit Kde(const Home& home) : file_(home.config / "kioslaverc"), traces_{file_, home.config / "kdeglobals"} {}

    std::string name() const override { return "kde"; }
    std::string title() const override { return "KDE"; }
    std::string_view deciding() const override { return "ProxyType"; }

    std::string leads(const Values& values, std::string_view key) const override
    {
        return key.ends_with("Proxy") || key == "Proxy Config Script" ? place_in(value_at(values, key)) : "";
    }

    Reading read() const override
    {
        if (!is_here())
            return {};
        Reading reading{true, {}, {}};
        const auto text = content(reading.problem);
        const auto keys = read_group(text, group);
        for (const auto key :
             {"ProxyType", "Proxy Config Script", "httpProxy", "httpsProxy", "NoProxyFor", "ReversedException"}) {
            const auto found = keys.find(key);
            reading.values.emplace(key, found == keys.end() ? std::nullopt : found->second);
            if (keys.contains(std::string(key) + "[$i]"))
                reading.problem = file_.string() + ": its administrator does not let the proxy be changed ([$i])";
        }
        return reading;
    }

    std::optional<Values> wanted(const Target& target) const override
    {
        if (!target.fixed)
            return Values{{"ProxyType", "2"}, {"Proxy Config Script", target.pac}};
        const bool v6 = target.host.find(':') != std::string::npos;
        const auto proxy = "http://" + (v6 ? "[" + target.host + "]" : target.host) + " " + std::to_string(target.port);
        // "<local>": names without a dot. A list that is reversed says what alone goes by the proxy.
        auto straight = exceptions_in_a_line() + ",<local>";
        const auto now = read().values;
        const auto theirs = value_at(now, "NoProxyFor");
        const auto reversed = value_at(now, "ReversedException");
        if (theirs.ends_with(straight))
            straight = theirs;
        else if (!theirs.empty() && (reversed.empty() || reversed == "false"))
            straight = std::string(theirs) + "," + straight;
        return Values{{"ProxyType", "1"},
                      {"httpProxy", proxy},
                      {"httpsProxy", proxy},
                      {"NoProxyFor", straight},
                      {"ReversedException", std::nullopt}};
    }

    std::string write(const Values& values) override
    {
        std::string problem;
        const auto before = content(problem);
        if (!problem.empty())
            return problem;
        const auto after = with_group(before, group, values);
        if (after == before)
            return {};
        std::error_code ignored;
        boost::system::error_code error;
        const bool elsewhere = fs::is_symlink(file_, ignored); // a file of somebody's own collection stays where it is
        if (after.empty() && !elsewhere)                       // to KDE no file and an empty one are the same
            fs::remove(file_, ignored);
        else
            error = files::write_whole(elsewhere ? fs::canonical(file_, ignored) : file_, after);
        if (error)
            return file_.string() + " cannot be written: " + error.message();
        tell_programs();
        return {};
    }

    std::string describe(const Values& values) const override
    {
        const auto type = value_at(values, "ProxyType");
        if (type == "2")
            return "automatic, by " + std::string(value_at(values, "Proxy Config Script"));
        if (type == "1")
            return "by hand, http " + proxy_or_none(value_at(values, "httpProxy")) + ", https " +
                   proxy_or_none(value_at(values, "httpsProxy"));
        if (type == "3")
            return "automatic, found in the network";
        if (type == "4")
            return "the environment's";
        return "no proxy";
    }

private:
    static std::string proxy_or_none(std::string_view proxy)
    {
        return proxy.find_first_not_of(" :") == std::string_view::npos ? "none" : std::string(proxy);
    }

    bool is_here() const
    {
        const char* desktop = std::getenv("XDG_CURRENT_DESKTOP");
        if (desktop != nullptr && std::string_view(desktop).find("KDE") != std::string_view::npos)
            return true;
        std::error_code ignored;
        for (const auto& trace : traces_)
            if (fs::exists(trace, ignored))
                return true;
        return false;
    }

    std::string content(std::string& problem) const
    {
        auto text = files::read_file(file_, largest);
        if (text)
            return std::move(text->text);
        if (text.error() != boost::system::errc::no_such_file_or_directory)
            problem = file_.string() + " cannot be read: " + text.error().message();
        return {};
    }

    /// Those that run read the file again; without a session bus they do at their next start.
    static void tell_programs()
    {
        (void)run({"dbus-send", "--session", "--type=signal", "/KIO/Scheduler",
                   "org.kde.KIO.Scheduler.reparseSlaveConfiguration", "string:"});
    }

    fs::path file_;
    std::vector<fs::path> traces_;
};

} // namespace

std::unique_ptr<Setting> kde(const Home& home)
{
    return std::make_unique<Kde>(home);
}

} // namespace paravent::desktop
