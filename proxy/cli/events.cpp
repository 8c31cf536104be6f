#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <limits>
#include <map>

namespace paravent::cli {
namespace {

using boost::json::object;

constexpr unsigned default_rows = 100;
constexpr unsigned page_rows = 1000; ///< the most that one answer holds

std::string parameters(const Events& options, const std::string& from, unsigned limit, const std::string& cursor)
{
    return query_of({{"device", options.device},
                     {"site", options.site},
                     {"product", options.product},
                     {"verdict", options.verdict},
                     {"from", from},
                     {"limit", limit != 0 ? std::to_string(limit) : std::string{}},
                     {"cursor", cursor}});
}

/// Calls `each` for the events asked for, newest first. Returns whether there are more.
template <class Each>
bool for_each_event(Client& client, const Events& options, unsigned limit, Each each)
{
    const auto from = time_since("--since", options.since);
    std::string cursor;
    for (unsigned left = limit; left > 0;) {
        const auto page = client.get("/events" + parameters(options, from, std::min(left, page_rows), cursor));
        const auto& items = page.at("items").as_array();
        for (const auto& item : items)
            each(item.as_object());
        left -= std::min<unsigned>(left, static_cast<unsigned>(items.size()));
        cursor = text_at(page.as_object(), "next");
        if (cursor.empty())
            return false;
    }
    return true;
}

class DeviceNames {
public:
    explicit DeviceNames(Client& client)
    {
        const auto body = client.get("/devices");
        for (const auto& item : body.at("items").as_array())
            names_[text_at(item.as_object(), "id")] = text_at(item.as_object(), "name");
    }
    std::string operator()(const object& event) const
    {
        const auto id = text_at(event, "device");
        const auto found = names_.find(id);
        return found == names_.end() || found->second.empty() ? id : found->second;
    }

private:
    std::map<std::string, std::string> names_;
};

std::string where(const object& event)
{
    const auto site = text_at(event, "site");
    const auto destination = text_at(event, "destination");
    return site.empty() ? destination : site + " > " + destination;
}

std::string what(const object& event)
{
    auto text = text_at(event, "name");
    if (const auto value = text_at(event, "value"); !value.empty()) {
        const auto currency = text_at(event, "currency");
        text += (text.empty() ? "" : " ") + value + (currency.empty() ? "" : " " + currency);
    }
    return text;
}

/// Kinds; and which of them were the owner's own.
std::string whose(const object& event)
{
    const auto mine = text_at(event, "mine");
    return text_at(event, "identifiers") + (mine.empty() ? "" : " (mine: " + mine + ")");
}

void print_csv(Client& client, const Events& options, unsigned limit)
{
    const auto from = time_since("--since", options.since);
    bool header = true;
    std::string cursor;
    for (unsigned left = limit; left > 0;) {
        const auto answer =
            client.ask("GET", "/events.csv" + parameters(options, from, std::min(left, page_rows), cursor));
        std::string_view rows = answer.body;
        if (!std::exchange(header, false))
            rows.remove_prefix(std::min(rows.size(), rows.find('\n') + 1));
        std::cout << rows;
        left -= std::min(left, page_rows);
        const auto at = answer.link.rfind("cursor=");
        if (at == std::string::npos)
            return;
        cursor = answer.link.substr(at + 7);
    }
}

void print_table(Client& client, const Events& options, unsigned limit)
{
    const DeviceNames device(client);
    Table table({"TIME", "DEVICE", "SITE > DESTINATION", "PRODUCT", "EVENT", "IDENTIFIERS", "VERDICT", "RULE"});
    const bool more = for_each_event(client, options, limit, [&](const object& event) {
        table.add({local_time(text_at(event, "time")), device(event), where(event), text_at(event, "product"),
                   what(event), whose(event), text_at(event, "verdict"), text_at(event, "rule")});
    });
    if (table.empty())
        std::cout << "No events: nothing that was asked for has been on its way to Meta.\n";
    else
        table.print(std::cout);
    if (more)
        std::cout << "There are more: see them with --limit or --since.\n";
}

void follow(Client& client, const Events& options)
{
    const DeviceNames device(client);
    client.follow("/events/stream" + parameters(options, {}, 0, {}), [&](std::string_view name, std::string_view data) {
        const auto value = boost::json::parse(data);
        if (name == "dropped") {
            std::cerr << "paravent: " << text_at(value.as_object(), "dropped") << " events came too fast to be shown\n";
        } else if (options.json) {
            std::cout << dashboard::text_of(value) << '\n' << std::flush;
        } else {
            const auto& event = value.as_object();
            const auto identifiers = whose(event);
            std::string line;
            for (const auto& part :
                 {local_time(text_at(event, "time")), device(event), where(event), text_at(event, "product"),
                  what(event), identifiers.empty() ? identifiers : "[" + identifiers + "]", text_at(event, "verdict"),
                  text_at(event, "rule")})
                if (!part.empty())
                    line += (line.empty() ? "" : "  ") + dashboard::inert(part);
            std::cout << line << '\n' << std::flush;
        }
        return static_cast<bool>(std::cout);
    });
}

} // namespace

int events(const Place& place, const Events& options)
{
    if (options.follow && (options.csv || !options.since.empty() || options.limit != 0))
        throw Failure(wrong_usage, "--follow shows what comes from now on: without --csv, --since and --limit");
    if (options.csv && options.json)
        throw Failure(wrong_usage, "--csv and --json exclude each other");
    const unsigned all = std::numeric_limits<unsigned>::max();
    const bool whole = options.json || options.csv || !options.since.empty();
    const unsigned limit = options.limit != 0 ? options.limit : whole ? all : default_rows;
    time_since("--since", options.since); // wrong usage is said before the service is asked

    Client client(place);
    if (options.follow)
        follow(client, options);
    else if (options.csv)
        print_csv(client, options, limit);
    else if (options.json)
        for_each_event(client, options, limit,
                       [](const object& event) { std::cout << dashboard::text_of(event) << '\n'; });
    else
        print_table(client, options, limit);
    return 0;
}

} // namespace paravent::cli
