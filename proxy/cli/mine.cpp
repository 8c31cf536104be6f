// `paravent mine`: the value comes by stdin alone, since everybody on a computer can read command lines.
#include "proxy/activity/mine.hpp"
#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/owner.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/reply.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <iostream>
#include <unistd.h>

namespace paravent::cli {
namespace {

using activity::Own;
using boost::json::object;

/// All of stdin. What is longer than any value is cut where that shows.
std::string read_value(Own kind, bool remove)
{
    constexpr std::size_t most = 4096;
    if (::isatty(STDIN_FILENO) == 1)
        std::cerr << "The " << activity::words_for(kind)
                  << (remove ? " to be removed (nothing: all of them): " : " (it is not kept, only a keyed hash): ")
                  << std::flush;
    std::string value;
    if (::isatty(STDIN_FILENO) == 1) {
        std::getline(std::cin, value);
    } else {
        value.resize(most);
        std::cin.read(value.data(), static_cast<std::streamsize>(most));
        value.resize(static_cast<std::size_t>(std::cin.gcount()));
    }
    return value;
}

std::string counted(Own kind, std::int64_t count)
{
    return std::to_string(count) + ' ' + std::string(activity::words_for(kind, count != 1));
}

/// What is compared with now.
void describe(const boost::json::value& body)
{
    std::string all;
    for (const auto& item : body.at("items").as_array())
        if (const auto kind = activity::own_named(text_at(item.as_object(), "kind")))
            all += (all.empty() ? "" : " and ") + counted(*kind, item.at("count").to_number<std::int64_t>());
    if (all.empty())
        std::cout
            << "Nothing was given, so no event says \"mine\": `paravent mine em` takes an e-mail address on stdin, "
               "`paravent mine ph` a phone number.\n";
    else
        std::cout << "Events are compared with " << all << ".\n";
}

bool is_blank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

} // namespace

int mine(const Place& place, const Mine& options)
{
    if (!options.extra.empty()) // never repeated: it may be the value
        throw Failure(wrong_usage, "mine: the value comes on stdin, not on the command line, where others can read it");
    if (options.kind.empty() && !options.remove) {
        Client client(place);
        describe(client.get("/mine"));
        return 0;
    }
    const auto kind = activity::own_named(options.kind);
    if (!kind)
        throw Failure(wrong_usage, "mine: the kind is em (an e-mail address) or ph (a phone number)");
    const auto value = read_value(*kind, options.remove);
    object body{{"kind", activity::name_of(*kind)}};
    if (!options.remove || !is_blank(value)) {
        // Wrong words are found before the service is asked.
        if (const auto form = activity::normal_form(*kind, value); !form.fault.empty())
            throw Failure(wrong_usage, "mine: " + form.fault);
        body["value"] = json_text(value);
    }
    Client client(place);
    if (options.remove) {
        const auto removed = client.send("DELETE", "/mine", body).at("removed").to_number<std::int64_t>();
        std::cout << "Removed: " << counted(*kind, removed) << ".\n";
        return 0;
    }
    describe(client.send("POST", "/mine", body));
    return 0;
}

} // namespace paravent::cli
