// `paravent password`: comes from the terminal or stdin, since everybody on a computer can read command lines.
#include "proxy/dashboard/password.hpp"
#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/owner.hpp"

#include <boost/json.hpp>

#include <iostream>
#include <unistd.h>

namespace paravent::cli {
namespace {

std::string read_password()
{
    if (::isatty(STDIN_FILENO) == 1)
        return passphrase_from_terminal("the dashboard's new password");
    std::string line;
    std::getline(std::cin, line);
    if (line.ends_with('\r'))
        line.pop_back();
    return line;
}

int show_code(Client& client)
{
    const auto body = client.get("/password");
    if (const auto* code = body.at("code").if_string())
        std::cout << std::string_view(*code) << "\n";
    else
        throw Failure(failed, "a password is set already, so there is no code: log in with it, or set a new one with "
                              "`paravent password`");
    return 0;
}

} // namespace

int password(const Place& place, bool code)
{
    if (code) {
        Client client(place);
        return show_code(client);
    }
    const auto wanted = read_password();
    if (const auto problem = dashboard::problem_with_password(wanted); !problem.empty())
        throw Failure(wrong_usage, std::string(problem) + "; this one was not set");
    Client client(place);
    client.send("PUT", "/password", boost::json::object{{"new", json_text(wanted)}});
    std::cout << "The dashboard's password is set. Whoever was logged in has to log in again.\n";
    return 0;
}

} // namespace paravent::cli
