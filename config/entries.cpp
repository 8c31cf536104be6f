#include "config/entries.hpp"

#include "config/address.hpp"
#include "config/section.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace paravent::config {

namespace {

constexpr std::size_t longest_name = 64;
constexpr std::size_t longest_url = 2048;

/// Paravent's own lists: an entry of such a name and without a source switches that list.
constexpr std::array<std::string_view, 9> own_lists = {
    "pixel-event",   "pixel-loader", "conversions", "app-events", "audience-network",
    "social-plugin", "meta-logging", "login",       "meta-ai",
};

bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_list_name(std::string_view name)
{
    // Names become parts of file names and of headers: no blanks, no slash, no leading dot.
    return !name.empty() && name.size() <= longest_name && is_alphanumeric(name[0]) &&
           std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

/// In any case of letters: "Meta/12" beside "meta/12" would only confuse.
bool is_meta(std::string_view name)
{
    return std::ranges::equal(name, std::string_view("meta"), {}, [](char c) { return static_cast<char>(c | 0x20); });
}

bool is_category(std::string_view word)
{
    return !word.empty() && word.size() <= longest_name && is_alphanumeric(word[0]) &&
           std::ranges::all_of(word, [](char c) { return (is_alphanumeric(c) && (c < 'A' || c > 'Z')) || c == '-'; });
}

/// What is wrong with a list's address, if anything.
std::optional<std::string> fault_of_url(std::string_view url, bool insecure)
{
    const bool plain = url.starts_with("http://");
    if (plain && !insecure)
        return "anybody on the way could change rules that come over http; write https://, or say insecure = true "
               "where that is as it should be";
    if (!plain && !url.starts_with("https://"))
        return "a subscription is an address that begins with https://; a file on this computer is named with file = "
               "\"…\"";
    const std::string_view rest = url.substr(plain ? 7 : 8);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    const bool printable = std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f; });
    if (authority.empty() || !printable || url.size() > longest_url)
        return "is no address of the kind https://HOST/PATH (no blanks, at most 2048 characters)";
    if (authority.find('@') != std::string_view::npos)
        return "an address with a user's name is not fetched; leave out what stands before the @";
    return std::nullopt;
}

std::optional<std::string> fault_of_name(std::string_view name)
{
    if (is_meta(name))
        return "\"meta\" stands for Paravent's own lists; choose another";
    if (!is_list_name(name))
        return in_quotes(name) + " is no list's name (letters, digits, \".\", \"_\", \"-\", at most 64, the first a "
                                 "letter or digit)";
    return std::nullopt;
}

std::optional<std::string> fault_of_category(std::string_view word)
{
    if (word.empty() || is_category(word))
        return std::nullopt;
    return in_quotes(word) + " is no category (small letters, digits and dashes)";
}

/// Says so when something is met a second time.
class Seen {
public:
    void check(Section& section, std::string_view key, const std::string& value)
    {
        if (value.empty())
            return;
        const auto [at, fresh] = lines_.emplace(value, section.place(key).line);
        if (!fresh)
            section.complain(key, in_quotes(value) + " is taken already, by line " + std::to_string(at->second) +
                                      "; each needs its own");
    }

private:
    std::map<std::string, std::uint32_t> lines_;
};

void check_source(Section& section, const List& list)
{
    const bool own = std::ranges::find(own_lists, list.name) != own_lists.end();
    const bool file = section.has("file");
    const bool url = section.has("url");
    if (file && url) {
        section.complain("url", "a list has either file or url; leave one out");
    } else if (!file && !url && own) {
        for (const std::string_view key : {"category", "intercept"})
            if (section.has(key))
                section.complain(key, "belongs to Paravent's own list " + in_quotes(list.name) +
                                          ", which can only be switched with enabled = true or false");
    } else if (!file && !url) {
        section.complain("file", "a list needs file = \"…\" or url = \"https://…\"");
    } else if (list.insecure && !url) {
        section.complain("insecure", "is about a url; this list has none");
    } else if (list.intercept && url) {
        section.complain("intercept", "only a file of your own may widen what is decrypted; a subscribed list never "
                                      "does (leave it out, or use file)");
    }
}

} // namespace

std::optional<std::string> fault_of_subscription(const List& list)
{
    if (auto fault = fault_of_name(list.name))
        return "name: " + *fault;
    if (std::ranges::find(own_lists, list.name) != own_lists.end())
        return "name: " + in_quotes(list.name) + " is one of Paravent's own lists; choose another";
    if (auto fault = fault_of_url(list.url, list.insecure))
        return "url: " + in_quotes(list.url) + ": " + *fault;
    if (auto fault = fault_of_category(list.category))
        return "category: " + *fault;
    return std::nullopt;
}

std::vector<Device> read_devices(const toml::array* entries, Report& report)
{
    std::vector<Device> out;
    Seen names;
    Seen addresses;
    Seen macs;
    const auto read = [&](const toml::table* table) {
        Section section("device", table, report);
        Device device;
        if (auto name = section.text("name")) {
            device.name = std::move(*name);
            if (device.name.empty() || device.name.size() > longest_name)
                section.complain("name", "has 1 to 64 bytes");
            else if (parse_address(device.name))
                section.complain("name", in_quotes(device.name) +
                                             " is an address, and would be mistaken for one; choose "
                                             "a name like \"kitchen tablet\"");
        } else if (table != nullptr && !section.has("name")) {
            section.complain("name", "is missing; each device needs one, like \"kitchen tablet\"");
        }
        section.word("address", device.address, parse_address, "is no address (like 192.168.1.20 or fd00::20)");
        section.word("mac", device.mac, parse_mac, "is no device's MAC address (like 00:1a:2b:3c:4d:5e)");
        section.word("profile", device.profile, profile_named, "is no profile (off, log, standard or strict)");
        section.flag("meta_apps", device.meta_apps);
        section.flag("facebook_login", device.facebook_login);
        section.flag("browsers_only", device.browsers_only);
        section.flag("intercept", device.intercept);
        section.word("privacy", device.privacy, privacy_named, "is no privacy level (counters, events or full)");
        if (table == nullptr)
            return;
        if (!section.has("address") && !section.has("mac"))
            section.complain("address", "is missing; a device is known by address = \"…\" or mac = \"…\"");
        names.check(section, "name", device.name);
        addresses.check(section, "address", device.address);
        macs.check(section, "mac", device.mac);
        section.finish();
        out.push_back(std::move(device));
    };
    read(nullptr); // so that the keys are known even without an entry
    if (entries != nullptr)
        for (const auto& entry : *entries)
            read(entry.as_table());
    return out;
}

std::vector<List> read_lists(const toml::array* entries, const std::filesystem::path& folder, Report& report)
{
    std::vector<List> out;
    Seen names;
    const auto read = [&](const toml::table* table) {
        Section section("list", table, report);
        List list;
        if (auto name = section.text("name")) {
            list.name = std::move(*name);
            if (const auto fault = fault_of_name(list.name))
                section.complain("name", *fault);
        } else if (table != nullptr && !section.has("name")) {
            section.complain("name", "is missing; each list needs one, like \"easyprivacy\"");
        }
        section.path("file", list.file, folder);
        section.flag("insecure", list.insecure);
        if (auto url = section.text("url")) {
            if (const auto fault = fault_of_url(*url, list.insecure))
                section.complain("url", in_quotes(*url) + ": " + *fault);
            list.url = std::move(*url);
        }
        if (auto category = section.text("category")) {
            if (const auto fault = fault_of_category(*category))
                section.complain("category", *fault);
            list.category = std::move(*category);
        }
        section.flag("enabled", list.enabled);
        section.flag("intercept", list.intercept);
        if (table == nullptr)
            return;
        check_source(section, list);
        if (list.category.empty())
            list.category = list.file.empty() && list.url.empty() ? list.name : "other";
        names.check(section, "name", list.name);
        section.finish();
        out.push_back(std::move(list));
    };
    read(nullptr);
    if (entries != nullptr)
        for (const auto& entry : *entries)
            read(entry.as_table());
    return out;
}

} // namespace paravent::config
