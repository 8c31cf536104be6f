#include "proxy/policy/state_json.hpp"

#include "proxy/policy/address.hpp"
#include "proxy/policy/names.hpp"
#include "rules/domains.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace paravent::policy {
namespace {

namespace json = boost::json;

/// An entry of the file that is not as we write it.
struct Fault {
    std::string text;
};

const json::value* member(const json::object& object, std::string_view key)
{
    const json::value* value = object.if_contains(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

template <class T>
std::optional<T> optional_of(const json::object& object, std::string_view key)
{
    const json::value* value = member(object, key);
    if (value == nullptr)
        return std::nullopt;
    const auto as = json::try_value_to<T>(*value);
    if (!as)
        throw Fault{std::string(key)};
    return *as;
}

/// A short text of ours: addresses, ids, names. Empty where it is left out.
std::string text_of(const json::object& object, std::string_view key, std::size_t most = 255)
{
    std::string text = optional_of<std::string>(object, key).value_or(std::string{});
    if (!text.empty() && !is_plain_text(text, most))
        throw Fault{std::string(key)};
    return text;
}

template <class T>
std::optional<T> named_of(const json::object& object, std::string_view key,
                          std::optional<T> (*named)(std::string_view) noexcept)
{
    const std::string text = text_of(object, key);
    if (text.empty())
        return std::nullopt;
    const auto value = named(text);
    if (!value)
        throw Fault{std::string(key)};
    return value;
}

bool is_id(std::string_view text)
{
    return text.size() >= 4 && text.size() <= 16 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

Device::Trust trust_named(std::string_view name)
{
    return name == "yes" ? Device::Trust::yes : name == "no" ? Device::Trust::no : Device::Trust::unknown;
}

std::string_view name_of(Device::Trust trust)
{
    return trust == Device::Trust::yes ? "yes" : trust == Device::Trust::no ? "no" : "unknown";
}

Record record_of(const json::object& object)
{
    Record r;
    r.id = text_of(object, "id");
    if (!is_id(r.id))
        throw Fault{"id"};
    if (const std::string mac = text_of(object, "mac"); !mac.empty()) {
        const auto normal = normal_mac(mac);
        if (!normal)
            throw Fault{"mac"};
        r.mac = *normal;
    }
    if (const json::value* addresses = member(object, "addresses")) {
        if (!addresses->is_array())
            throw Fault{"addresses"};
        for (const json::value& address : addresses->get_array())
            if (address.is_string() && r.addresses.size() < Devices::most_remembered)
                if (const auto normal = normal_address(std::string_view(address.get_string())))
                    r.addresses.push_back(*normal);
    }
    r.this_computer = optional_of<bool>(object, "this_computer").value_or(false);
    if (const json::value* entry = member(object, "entry"); entry != nullptr && entry->is_object()) {
        r.entry.emplace();
        r.entry->mac = text_of(entry->get_object(), "mac");
        r.entry->address = text_of(entry->get_object(), "address");
    }
    if (const std::string name = text_of(object, "name"); !name.empty())
        r.answers.name = name;
    r.answers.profile = named_of<Profile>(object, "profile", config::profile_named);
    r.answers.privacy = named_of<Privacy>(object, "privacy", config::privacy_named);
    r.answers.intercept = optional_of<bool>(object, "intercept");
    r.answers.meta_apps = optional_of<bool>(object, "meta_apps");
    r.answers.facebook_login = optional_of<bool>(object, "facebook_login");
    r.answers.browsers_only = optional_of<bool>(object, "browsers_only");
    r.paused_until_ms = optional_of<std::int64_t>(object, "paused_until");
    r.trust = trust_named(text_of(object, "trust"));
    r.last_seen_ms = optional_of<std::int64_t>(object, "last_seen").value_or(0);
    return r;
}

HomeAnswers home_of(const json::object& object)
{
    HomeAnswers home;
    home.profile = named_of<Profile>(object, "profile", config::profile_named);
    home.privacy = named_of<Privacy>(object, "privacy", config::privacy_named);
    if (const auto ms = optional_of<std::int64_t>(object, "retention")) {
        constexpr auto most = std::chrono::duration_cast<config::Duration>(std::chrono::days{3660});
        if (*ms < 0 || *ms > most.count())
            throw Fault{"retention"};
        home.retention = config::Duration{*ms};
    }
    home.language = text_of(object, "language");
    if (!home.language.empty() && !is_language(home.language))
        throw Fault{"language"};
    home.guests_may_ask = optional_of<bool>(object, "guests_may_ask").value_or(false);
    home.require_login = optional_of<bool>(object, "require_login");
    home.paused_until_ms = optional_of<std::int64_t>(object, "paused_until");
    return home;
}

Exception exception_of(const json::object& object)
{
    Exception e;
    e.id = text_of(object, "id");
    const auto site = rules::normal_host(text_of(object, "site"));
    const std::string verdict = text_of(object, "verdict");
    if (e.id.empty() || !site || (verdict != "allow" && verdict != "block"))
        throw Fault{"exception"};
    e.site = *site;
    e.device = text_of(object, "device");
    e.until_ms = optional_of<std::int64_t>(object, "until");
    e.verdict = verdict == "allow" ? rules::Action::allow : rules::Action::block;
    return e;
}

/// A mode alone is written as its name. What is not as we write it is left out.
Site site_of(std::string_view name, const json::value& value)
{
    Site site;
    if (value.is_string())
        site.mode = site_mode_named(value.get_string());
    const auto* object = value.if_object();
    if (object == nullptr)
        return site;
    if (const json::value* mode = member(*object, "mode"); mode != nullptr && mode->is_string())
        site.mode = site_mode_named(mode->get_string());
    if (const json::value* block = member(*object, "block_gateway"); block != nullptr && block->is_bool())
        site.block_gateway = block->get_bool();
    for (const auto& [key, blocked] : {std::pair{"gateways", false}, std::pair{"blocked_gateways", true}})
        if (const json::value* hosts = member(*object, key); hosts != nullptr && hosts->is_array())
            for (const json::value& host : hosts->get_array())
                if (host.is_string() && site.gateways.size() < most_gateways && can_be_gateway(name, host.get_string()))
                    site.gateways.push_back({std::string(std::string_view(host.get_string())), blocked});
    return site;
}

config::List subscription_of(const json::object& object)
{
    config::List list;
    list.name = text_of(object, "name");
    list.url = text_of(object, "url", 2048);
    list.category = text_of(object, "category");
    list.insecure = optional_of<bool>(object, "insecure").value_or(false);
    if (const auto fault = config::fault_of_subscription(list))
        throw Fault{*fault};
    return list;
}

/// Calls `take` with each object of an array; a bad one is left out and told.
template <class Take>
void each_object(const json::object& root, std::string_view key, Kept& kept, Take take)
{
    const auto fault = [&](const std::string& text) {
        kept.condition = Kept::Condition::partly;
        if (kept.fault.empty())
            kept.fault = std::string(key) + ": " + text;
    };
    const json::value* list = member(root, key);
    if (list == nullptr)
        return;
    if (!list->is_array())
        return fault("no list");
    for (const json::value& entry : list->get_array()) {
        if (!entry.is_object()) {
            fault("no object");
            continue;
        }
        try {
            take(entry.get_object());
        } catch (const Fault& f) {
            fault(f.text);
        }
    }
}

Kept broken(std::string fault)
{
    Kept kept;
    kept.condition = Kept::Condition::broken;
    kept.fault = std::move(fault);
    return kept;
}

std::optional<DeviceIds> ids_of(const json::object& root)
{
    const json::value* ids = member(root, "ids");
    if (ids == nullptr || !ids->is_object())
        return std::nullopt;
    const std::string key = text_of(ids->get_object(), "key");
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number, 16);
    const auto used = optional_of<std::uint64_t>(ids->get_object(), "used");
    if (key.empty() || error != std::errc{} || end != key.data() + key.size() || !used)
        return std::nullopt;
    return DeviceIds(number, *used);
}

void read_into(Kept& kept, const json::object& root)
{
    try {
        kept.ids = ids_of(root);
        kept.next_exception = optional_of<std::uint64_t>(root, "next_exception").value_or(1);
    } catch (const Fault& f) {
        kept.fault = f.text;
    }
    if (!kept.ids) {
        kept.condition = Kept::Condition::partly;
        kept.fault = "ids";
    }
    if (const json::value* home = member(root, "home")) {
        try {
            if (!home->is_object())
                throw Fault{"no object"};
            kept.home = home_of(home->get_object());
        } catch (const Fault& f) {
            kept.condition = Kept::Condition::partly;
            kept.fault = "home: " + f.text;
        }
    }
    each_object(root, "devices", kept, [&](const json::object& o) {
        if (kept.devices.size() < Devices::limit)
            kept.devices.push_back(record_of(o));
    });
    each_object(root, "exceptions", kept, [&](const json::object& o) {
        if (kept.exceptions.size() < Exceptions::limit)
            kept.exceptions.push_back(exception_of(o));
    });
    if (const json::value* lists = member(root, "lists"); lists != nullptr && lists->is_object())
        for (const auto& [name, on] : lists->get_object())
            if (on.is_bool() && kept.lists.size() < 1000 && is_plain_text(name, 200))
                kept.lists.insert_or_assign(std::string(name), on.get_bool());
    each_object(root, "subscriptions", kept, [&](const json::object& o) {
        if (kept.subscriptions.size() < most_subscriptions)
            kept.subscriptions.push_back(subscription_of(o));
    });
    if (const json::value* sites = member(root, "sites"); sites != nullptr && sites->is_object())
        for (const auto& [site, value] : sites->get_object())
            if (kept.sites.all().size() < most_sites && rules::normal_host(site) == std::string(site))
                kept.sites.put(site, site_of(site, value));
}

} // namespace

Kept parse_state(std::string_view text)
{
    json::parse_options options;
    options.max_depth = 8;
    boost::system::error_code error;
    const json::value value = json::parse(text, error, {}, options);
    if (error || !value.is_object())
        return broken("it is no JSON object");
    const json::object& root = value.get_object();
    const json::value* format = member(root, "format");
    if (format == nullptr || !format->is_int64() || format->get_int64() < 1)
        return broken("it names no format");

    Kept kept;
    if (format->get_int64() > state_format)
        kept.condition = Kept::Condition::newer;
    else
        read_into(kept, root);
    return kept;
}

namespace {

json::object json_of(const Record& r)
{
    json::object o{{"id", r.id}};
    const auto put = [&](std::string_view key, const auto& value) {
        if (value)
            o[key] = *value;
    };
    if (r.this_computer)
        o["this_computer"] = true;
    if (!r.mac.empty())
        o["mac"] = r.mac;
    if (!r.addresses.empty())
        o["addresses"] = json::value_from(r.addresses);
    if (r.entry) // only what tells which [[device]] it was: so it keeps its id though its address may change
        o["entry"] = {{"mac", r.entry->mac}, {"address", r.entry->address}};
    put("name", r.answers.name);
    if (r.answers.profile)
        o["profile"] = config::name_of(*r.answers.profile);
    put("intercept", r.answers.intercept);
    put("meta_apps", r.answers.meta_apps);
    put("facebook_login", r.answers.facebook_login);
    put("browsers_only", r.answers.browsers_only);
    if (r.answers.privacy)
        o["privacy"] = config::name_of(*r.answers.privacy);
    put("paused_until", r.paused_until_ms);
    if (r.trust != Device::Trust::unknown)
        o["trust"] = name_of(r.trust);
    o["last_seen"] = r.last_seen_ms;
    return o;
}

json::object json_of(const HomeAnswers& home)
{
    json::object o;
    if (home.profile)
        o["profile"] = config::name_of(*home.profile);
    if (home.privacy)
        o["privacy"] = config::name_of(*home.privacy);
    if (home.retention)
        o["retention"] = home.retention->count();
    if (!home.language.empty())
        o["language"] = home.language;
    if (home.guests_may_ask)
        o["guests_may_ask"] = true;
    if (home.require_login)
        o["require_login"] = *home.require_login;
    if (home.paused_until_ms)
        o["paused_until"] = *home.paused_until_ms;
    return o;
}

json::value json_of(const Site& site)
{
    if (site.mode && site.gateways.empty() && !site.block_gateway)
        return json::value(name_of(*site.mode));
    json::object o;
    if (site.mode)
        o["mode"] = name_of(*site.mode);
    if (site.block_gateway)
        o["block_gateway"] = true;
    for (const auto& gateway : site.gateways) {
        json::value& hosts = o[gateway.blocked ? "blocked_gateways" : "gateways"];
        if (!hosts.is_array())
            hosts.emplace_array();
        hosts.get_array().emplace_back(gateway.host);
    }
    return o;
}

json::object json_of(const Exception& e)
{
    json::object o{{"id", e.id}, {"site", e.site}, {"verdict", e.verdict == rules::Action::allow ? "allow" : "block"}};
    if (!e.device.empty())
        o["device"] = e.device;
    if (e.until_ms)
        o["until"] = *e.until_ms;
    return o;
}

} // namespace

std::string state_text(const Devices& devices, const Exceptions& exceptions, const ListSwitches& lists,
                       const Subscriptions& subscriptions, const Sites& sites, const HomeAnswers& home)
{
    char key[17];
    std::snprintf(key, sizeof key, "%016llx", static_cast<unsigned long long>(devices.ids().key()));
    json::object root{{"format", state_format},
                      {"ids", {{"key", key}, {"used", devices.ids().used()}}},
                      {"next_exception", exceptions.next_id()}};
    json::array& records = root["devices"].emplace_array();
    for (const Record& record : devices.all())
        records.push_back(json_of(record));
    json::array& kept = root["exceptions"].emplace_array();
    for (const Exception& exception : exceptions.all())
        kept.push_back(json_of(exception));
    json::object& switches = root["lists"].emplace_object();
    for (const auto& [name, on] : lists)
        switches[name] = on;
    json::array& added = root["subscriptions"].emplace_array();
    for (const config::List& list : subscriptions)
        added.push_back(
            {{"name", list.name}, {"url", list.url}, {"category", list.category}, {"insecure", list.insecure}});
    json::object& chosen = root["sites"].emplace_object();
    for (const auto& [name, site] : sites.all())
        chosen[name] = json_of(site);
    root["home"] = json_of(home);
    return json::serialize(root) + "\n";
}

} // namespace paravent::policy
