#include "proxy/activity/event.hpp"
#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace paravent::cli {
namespace {

using boost::json::object;

std::string shown(const object& device)
{
    const auto name = text_at(device, "name");
    return dashboard::inert(name.empty() ? text_at(device, "id") : name + " (" + text_at(device, "id") + ")");
}

void describe(const object& device)
{
    const auto paused = text_at(device, "paused_until");
    std::cout << shown(device) << ": profile " << text_at(device, "profile") << ", Meta's apps "
              << yes_at(device, "meta_apps") << ", Facebook login " << yes_at(device, "facebook_login")
              << ", browsers only " << yes_at(device, "browsers_only") << ", privacy " << text_at(device, "privacy")
              << (paused.empty() ? "" : ", paused until " + local_time(paused)) << '\n';
}

std::string time_in(std::string_view option, const std::string& duration)
{
    return dashboard::rfc3339(dashboard::now_ms() + duration_of(option, duration).count());
}

} // namespace

int device(const Place& place, const Device& options)
{
    object change;
    for (const auto& [key, value] :
         {std::pair{"name", &options.name}, {"profile", &options.profile}, {"privacy", &options.privacy}})
        if (*value)
            change[key] = **value;
    for (const auto& [key, value] : {std::pair{"meta_apps", &options.meta_apps},
                                     {"facebook_login", &options.facebook_login},
                                     {"browsers_only", &options.browsers_only}})
        if (*value)
            change[key] = **value == "yes";
    Client client(place);
    const auto changed = change.empty() ? client.get("/devices/" + escaped(options.device))
                                        : client.send("PATCH", "/devices/" + escaped(options.device), change);
    if (options.json)
        std::cout << dashboard::text_of(changed) << '\n';
    else
        describe(changed.as_object());
    return 0;
}

namespace {

/// The whole home, and the devices' own pauses where it ends: nobody wants to look for the one that is left.
int pause_home(Client& client, const object& change, bool ends)
{
    client.send("PATCH", "/settings", change);
    if (!ends) {
        std::cout << "The home is paused until " << local_time(text_at(change, "paused_until"))
                  << ": everything passes, nothing is stopped or recorded. `paravent pause --for 0s` ends it.\n";
        return 0;
    }
    const auto body = client.get("/devices");
    for (const auto& item : body.at("items").as_array())
        if (const auto& device = item.as_object(); !text_at(device, "paused_until").empty())
            client.send("PATCH", "/devices/" + escaped(text_at(device, "id")), change);
    std::cout << "The home is not paused.\n";
    return 0;
}

} // namespace

int pause(const Place& place, const std::string& device, const std::string& duration)
{
    const bool ends = duration_of("--for", duration).count() == 0;
    const object change{
        {"paused_until", ends ? boost::json::value(nullptr) : boost::json::value(time_in("--for", duration))}};
    Client client(place);
    if (device.empty())
        return pause_home(client, change, ends);
    describe(client.send("PATCH", "/devices/" + escaped(device), change).as_object());
    return 0;
}

namespace {

int list_exceptions(Client& client, bool json)
{
    const auto answer = client.ask("GET", "/exceptions");
    if (json) {
        std::cout << answer.body;
        return 0;
    }
    Table table({"EXCEPTION", "SITE", "DEVICE", "UNTIL", "VERDICT"});
    const auto value = boost::json::parse(answer.body);
    for (const auto& item : value.at("items").as_array()) {
        const auto& e = item.as_object();
        const auto on = text_at(e, "device"), until = text_at(e, "until");
        table.add({text_at(e, "id"), text_at(e, "site"), on.empty() ? "all" : on,
                   until.empty() ? "it is removed" : local_time(until), text_at(e, "verdict")});
    }
    if (table.empty())
        std::cout << "No exceptions.\n";
    else
        table.print(std::cout);
    return 0;
}

} // namespace

int allow(const Place& place, const Allow& options)
{
    const int wishes = (options.list ? 1 : 0) + (options.remove.empty() ? 0 : 1) + (options.site.empty() ? 0 : 1);
    if (wishes != 1)
        throw Failure(wrong_usage, "allow: one of SITE, --list, --remove ID");
    if (options.site.empty() && !(options.duration.empty() && options.device.empty()))
        throw Failure(wrong_usage, "allow: --for and --device go with SITE");
    if (!options.remove.empty() && options.json)
        throw Failure(wrong_usage, "allow: --json goes with SITE or --list");
    if (!options.duration.empty() && duration_of("--for", options.duration).count() == 0)
        throw Failure(wrong_usage, "--for: an exception that ends at once allows nothing; --remove ID ends one");
    const auto until = options.duration.empty() ? std::string{} : time_in("--for", options.duration);
    Client client(place);
    if (options.list)
        return list_exceptions(client, options.json);
    if (!options.remove.empty()) {
        client.ask("DELETE", "/exceptions/" + escaped(options.remove));
        std::cout << "Removed.\n";
        return 0;
    }
    object wish{{"site", options.site}, {"verdict", "allow"}};
    if (!options.device.empty())
        wish["device"] = options.device;
    if (!until.empty())
        wish["until"] = until;
    const auto added = client.send("POST", "/exceptions", wish);
    if (options.json) {
        std::cout << dashboard::text_of(added) << '\n';
        return 0;
    }
    const auto& exception = added.as_object();
    const auto site = text_at(exception, "site"), on = text_at(exception, "device");
    std::cout << "Exception " << text_at(exception, "id") << ": " << dashboard::inert(site) << " is allowed for "
              << (on.empty() ? "every device" : "device " + on)
              << (until.empty() ? "" : " until " + local_time(text_at(exception, "until"))) << ".\n";
    if (activity::is_meta(site))
        std::cout << "It holds for every site that uses " << site << ": of https only the host is seen.\n";
    return 0;
}

} // namespace paravent::cli
