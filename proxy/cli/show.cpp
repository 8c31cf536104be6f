#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace paravent::cli {
namespace {

using boost::json::object;

std::string duration_text(std::int64_t seconds)
{
    const auto days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
    if (days > 0)
        return std::to_string(days) + " d " + std::to_string(hours) + " h";
    if (hours > 0)
        return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
    return minutes > 0 ? std::to_string(minutes) + " min" : std::to_string(seconds) + " s";
}

std::string bytes_text(std::int64_t bytes)
{
    return bytes < 1024 * 1024 ? std::to_string((bytes + 1023) / 1024) + " KiB"
                               : std::to_string(bytes / (1024 * 1024)) + " MiB";
}

std::string authority_text(const object& status)
{
    const auto* authority = status.at("authority").if_object();
    return authority == nullptr ? "none, so nothing is decrypted"
                                : dashboard::inert(text_at(*authority, "fingerprint")) + "\n             until " +
                                      local_time(text_at(*authority, "not_after"));
}

} // namespace

int status(const Place& place, bool json)
{
    Client client(place);
    const auto answer = client.ask("GET", "/status");
    if (json) {
        std::cout << answer.body;
        return 0;
    }
    const auto value = boost::json::parse(answer.body);
    const auto& body = value.as_object();
    const auto& connections = body.at("connections").as_object();
    const auto& database = body.at("database").as_object();
    std::size_t on = 0;
    std::int64_t rules = 0;
    for (const auto& list : body.at("lists").as_array())
        if (list.at("enabled").as_bool()) {
            ++on;
            rules += list.at("rules").to_number<std::int64_t>();
        }
    std::cout << "Paravent " << dashboard::inert(text_at(body, "version")) << ", running for "
              << duration_text(body.at("uptime_s").to_number<std::int64_t>()) << " with " << text_at(body, "workers")
              << " workers\n"
              << "Connections  " << text_at(connections, "open") << " open (" << text_at(connections, "tunnels")
              << " tunnels), " << text_at(connections, "total") << " in all, " << text_at(connections, "refused")
              << " refused\n"
              << "Lists        " << on << " on, " << rules << " rules\n"
              << "Database     " << text_at(database, "state") << ", "
              << bytes_text(database.at("bytes").to_number<std::int64_t>()) << ", " << text_at(database, "dropped")
              << " events not kept\n"
              << "Authority    " << authority_text(body) << '\n'
              << "Clock        " << (text_at(body, "clock") == "ok" ? "ok" : "before the day of this build") << '\n';
    const auto& problems = body.at("problems").as_array();
    std::cout << (problems.empty() ? "Problems     none\n" : "Problems\n");
    for (const auto& problem : problems)
        std::cout << "  " << dashboard::inert(text_at(problem.as_object(), "text")) << '\n';
    std::cout << "What cannot be seen\n";
    for (const auto& spot : body.at("blind_spots").as_array())
        std::cout << "  " << dashboard::inert(text_at(spot.as_object(), "text")) << '\n';
    return 0;
}

int stats(const Place& place, const Stats& options)
{
    const auto from = time_since("--since", options.since);
    Client client(place);
    const auto answer = client.ask("GET", "/stats" + query_of({{"from", from}, {"by", options.by}}));
    if (options.json) {
        std::cout << answer.body;
        return 0;
    }
    const auto value = boost::json::parse(answer.body);
    const auto& body = value.as_object();
    std::string title = text_at(body, "by");
    for (auto& c : title)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    Table table({title, "REQUESTS", "ALLOWED", "LOGGED", "BLOCKED", "ANSWERED"});
    const auto add = [&](std::string key, const object& counts) {
        table.add({std::move(key), text_at(counts, "requests"), text_at(counts, "allow"), text_at(counts, "log"),
                   text_at(counts, "block"), text_at(counts, "answer")});
    };
    for (const auto& row : body.at("rows").as_array())
        add(text_at(row.as_object(), "key"), row.as_object());
    if (table.empty()) {
        std::cout << "Nothing was counted in that time.\n";
        return 0;
    }
    add("all", body.at("total").as_object());
    table.print(std::cout);
    return 0;
}

int devices(const Place& place, bool json)
{
    Client client(place);
    const auto answer = client.ask("GET", "/devices");
    if (json) {
        std::cout << answer.body;
        return 0;
    }
    Table table({"DEVICE", "NAME", "ADDRESSES", "PROFILE", "META'S APPS", "FACEBOOK LOGIN", "DECRYPTED", "TRUST",
                 "PRIVACY", "PAUSED UNTIL", "LAST SEEN"});
    const auto value = boost::json::parse(answer.body);
    for (const auto& item : value.at("items").as_array()) {
        const auto& device = item.as_object();
        table.add({text_at(device, "id"), text_at(device, "name"), text_at(device, "addresses"),
                   text_at(device, "profile"), yes_at(device, "meta_apps"), yes_at(device, "facebook_login"),
                   yes_at(device, "intercept"), text_at(device, "trust"), text_at(device, "privacy"),
                   local_time(text_at(device, "paused_until")), local_time(text_at(device, "last_seen"))});
    }
    if (table.empty())
        std::cout << "No devices yet: none has used the proxy.\n";
    else
        table.print(std::cout);
    return 0;
}

} // namespace paravent::cli
