// The environment of a user's session: a file of our own in ~/.config/environment.d (environment.d(5)), which systemd
// gives to whatever the user starts from the next login on.
#include "proxy/desktop/exceptions.hpp"
#include "proxy/desktop/setting.hpp"
#include "proxy/files/file.hpp"

namespace paravent::desktop {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view key = "50-paravent.conf";
constexpr std::uintmax_t largest = 64 * 1024;

std::string text_for(const Target& target)
{
    const auto proxy = "http://" + address_of(target);
    const auto straight = exceptions_in_a_line();
    // curl reads http_proxy in small letters alone (CGI's HTTP_PROXY is a stranger's header); others read either.
    // auto_proxy is Chromium's, where it knows no desktop.
    return "# Written by `paravent system-proxy on --shells`; `paravent system-proxy off` takes it away.\n"
           "http_proxy=" +
           proxy + "\nhttps_proxy=" + proxy + "\nHTTPS_PROXY=" + proxy + "\nauto_proxy=" + target.pac +
           "\nno_proxy=" + straight + "\nNO_PROXY=" + straight + "\n";
}

std::string_view proxy_in(std::string_view text)
{
    constexpr std::string_view start = "http_proxy=";
    const auto at = text.find(start);
    if (at == std::string_view::npos)
        return {};
    text.remove_prefix(at + start.size());
    return text.substr(0, text.find('\n'));
}

class Shells final : public Setting {
public:
    explicit Shells(const Home& home) : file_(home.config / "environment.d" / key) {}

    std::string name() const override { return "shells"; }
    std::string title() const override { return "shells"; }
    std::string_view deciding() const override { return key; }

    std::string leads(const Values& values, std::string_view) const override
    {
        return place_in(proxy_in(value_at(values, key)));
    }

    Reading read() const override
    {
        Reading reading{true, {}, {{std::string(key), std::nullopt}}};
        auto text = files::read_file(file_, largest);
        if (text)
            reading.values.find(key)->second = std::move(text->text);
        else if (text.error() != boost::system::errc::no_such_file_or_directory)
            reading.problem = file_.string() + " cannot be read: " + text.error().message();
        return reading;
    }

    std::optional<Values> wanted(const Target& target) const override
    {
        return Values{{std::string(key), text_for(target)}};
    }

    std::string write(const Values& values) override
    {
        const auto found = values.find(key);
        if (found == values.end())
            return {};
        std::error_code error;
        if (!found->second) {
            fs::remove(file_, error);
            std::error_code ignored;
            fs::remove(file_.parent_path(), ignored); // goes where it is empty
            return error ? file_.string() + " cannot be removed: " + error.message() : std::string{};
        }
        fs::create_directories(file_.parent_path(), error);
        const auto failure = files::write_whole(file_, *found->second);
        return failure ? file_.string() + " cannot be written: " + failure.message() : std::string{};
    }

    std::string describe(const Values& values) const override
    {
        const auto proxy = proxy_in(value_at(values, key));
        return proxy.empty() ? "no proxy" : "by hand, " + std::string(proxy) + " (from the next login on)";
    }

private:
    fs::path file_;
};

} // namespace

std::unique_ptr<Setting> shells(const Home& home)
{
    return std::make_unique<Shells>(home);
}

} // namespace paravent::desktop
