#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <iostream>

namespace paravent::cli {
namespace {

boost::json::value switched(Client& client, const std::string& device, bool on)
try {
    return client.send("PATCH", "/devices/" + escaped(device), boost::json::object{{"intercept", on}});
} catch (const Refused& refusal) {
    if (refusal.http_status == 409) // the words are right, but there is no authority
        throw Failure(failed, refusal.what());
    throw;
}

} // namespace

int intercept(const Place& place, const std::string& device, bool on, bool json)
{
    Client client(place);
    const auto changed = switched(client, device, on);
    if (json) {
        std::cout << dashboard::text_of(changed) << '\n';
        return 0;
    }
    const auto& shape = changed.as_object();
    const auto id = text_at(shape, "id"), name = text_at(shape, "name");
    const auto who = dashboard::inert(name.empty() ? id : name + " (" + id + ")");
    if (!on) {
        std::cout << who << ": nothing is decrypted.\n";
        return 0;
    }
    std::cout << who << ": Meta's hosts are decrypted where a rule needs to see inside.\n";
    if (text_at(shape, "trust") != "yes")
        std::cout << "It has not proved yet that it trusts this home's certificate. `paravent authority export FILE` "
                     "writes it, to be installed there.\n";
    return 0;
}

int bypasses(const Place& place, const Bypasses& options)
{
    if (!options.remove.empty() && options.json)
        throw Failure(wrong_usage, "bypasses: --json goes without --remove");
    Client client(place);
    if (!options.remove.empty()) {
        client.ask("DELETE", "/bypasses/" + escaped(options.remove));
        std::cout << "Removed.\n";
        return 0;
    }
    const auto answer = client.ask("GET", "/bypasses");
    if (options.json) {
        std::cout << answer.body;
        return 0;
    }
    Table table({"BYPASS", "DEVICE", "HOST", "REASON", "SINCE", "UNTIL"});
    const auto value = boost::json::parse(answer.body);
    for (const auto& item : value.at("items").as_array()) {
        const auto& bypass = item.as_object();
        table.add({text_at(bypass, "id"), text_at(bypass, "device"), text_at(bypass, "host"), text_at(bypass, "reason"),
                   local_time(text_at(bypass, "since")), local_time(text_at(bypass, "until"))});
    }
    if (table.empty())
        std::cout << "No bypasses: no app refused this home's certificate.\n";
    else
        table.print(std::cout);
    return 0;
}

} // namespace paravent::cli
