#include "proxy/cli/client.hpp"
#include "proxy/cli/diagnosis.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/lists/lists.hpp"
#include "proxy/machine/listening.hpp"
#include "proxy/machine/socket_units.hpp"
#include "proxy/tls/authorities.hpp"

#include <ares.h>
#include <boost/json.hpp>
#include <nghttp2/nghttp2.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <unistd.h>

// What the service and its files say: the service itself, its version, certificates and lists.
namespace paravent::cli {
namespace {

using boost::json::object;

constexpr auto answer_within = std::chrono::seconds{10};
constexpr std::int64_t day_ms = 24 * 3600 * 1000;
constexpr std::int64_t old_after = 7 * day_ms; ///< a subscription is fetched once a day

/// What the service tells of itself, without what a check of ours looks at more closely.
void add_problems(const object& status, Findings& out)
{
    constexpr std::array<std::string_view, 5> looked_at{"clock", "list", "authority", "authority_expires", "address"};
    const auto* problems = status.if_contains("problems");
    if (problems == nullptr || !problems->is_array())
        return;
    for (const auto& item : problems->get_array()) {
        const auto& problem = item.as_object();
        const auto code = text_at(problem, "code");
        if (std::ranges::find(looked_at, code) == looked_at.end())
            out.push_back(bad("service", "it says: " + text_at(problem, "text"), "see `paravent status`"));
    }
}

/// How long it has been running, roughly.
std::string span(const object& status)
{
    const auto* value = status.if_contains("uptime_s");
    const auto seconds = value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
    if (seconds < 120)
        return std::to_string(seconds) + " seconds";
    if (seconds < 2 * 3600)
        return std::to_string(seconds / 60) + " minutes";
    return seconds < 2 * 86'400 ? std::to_string(seconds / 3600) + " hours"
                                : std::to_string(seconds / 86'400) + " days";
}

std::string age(std::int64_t since_ms)
{
    const auto days = (dashboard::now_ms() - since_ms) / day_ms;
    return std::to_string(days) + " days";
}

Finding finding_of(const lists::ListStatus& list, bool subscribed)
{
    if (!list.error.empty())
        return bad("lists", list.name + ": " + list.error,
                   subscribed ? "paravent lists update" : "mend the file, or take the list out of the settings");
    const auto seen = std::max(list.updated_ms, list.checked_ms);
    if (subscribed && seen != 0 && dashboard::now_ms() - seen > old_after)
        return bad("lists", list.name + " was last fetched " + age(seen) + " ago", "paravent lists update");
    return good("lists", list.name);
}

lists::ListStatus list_of(const object& item)
{
    lists::ListStatus list;
    list.name = text_at(item, "name");
    list.error = text_at(item, "error");
    list.source = text_at(item, "source");
    list.enabled = item.at("enabled").as_bool();
    for (const auto& [key, place] : {std::pair{"updated", &list.updated_ms}, std::pair{"checked", &list.checked_ms}})
        *place = dashboard::parse_time(text_at(item, key)).value_or(0);
    const auto* rules = item.if_contains("rules");
    list.report.rules = rules != nullptr && rules->is_number() ? rules->to_number<std::size_t>() : 0;
    return list;
}

std::vector<lists::ListStatus> lists_of(const Patient& patient)
{
    if (!patient.status)
        return lists::compile(
                   patient.settings, patient.state, [](std::string_view) { return std::optional<bool>{}; }, nullptr)
            .lists;
    std::vector<lists::ListStatus> all;
    for (const auto& item : patient.status->at("lists").as_array())
        all.push_back(list_of(item.as_object()));
    return all;
}

} // namespace

Findings examine_service(Patient& patient)
{
    const auto& places = patient.settings.dashboard.listen;
    const auto sockets = machine::listening();
    const machine::Listening* socket = nullptr;
    for (const auto& place : places)
        if (socket = machine::taker(sockets, place.address, place.port); socket != nullptr)
            break;
    patient.runs = socket != nullptr;
    if (!patient.runs && machine::unit_sockets().contains("dashboard"))
        return {bad("service",
                    "nobody listens at [dashboard] listen, where commands look for it: paravent-dashboard.socket has "
                    "another address",
                    "write the unit's address into [dashboard] listen as well")};
    if (!patient.runs)
        return {bad("service", "it does not run: nobody listens on " + (places.empty() ? "" : written(places.front())),
                    "systemctl start paravent; journalctl -u paravent says why it ended")};
    Findings out;
    try {
        patient.status = Client(patient.place, answer_within).get("/status").as_object();
        out.push_back(good("service", "it runs, for " + span(*patient.status) + " now"));
        add_problems(*patient.status, out);
        return out;
    } catch (const Refused& problem) {
        out.push_back(bad("service", std::string("it does not answer this user: ") + problem.what(),
                          "give the command as root, or as the service's user; is --state the same?"));
    } catch (const NoAnswer& problem) {
        out.push_back(bad("service", problem.what(), "systemctl restart paravent; journalctl -u paravent may say why"));
    } catch (const Failure& problem) {
        out.push_back(bad("service", problem.what(), "start it, or give the command as root"));
    } catch (const std::exception& problem) {
        out.push_back(bad("service", std::string("what answers there is not Paravent: ") + problem.what(),
                          "see under ports who has its address"));
    }
    const auto program = machine::program_of(*socket); // nothing where only root can see it
    if (program.empty() || program == "paravent" || program == "systemd")
        return out;
    patient.runs = false;
    return {bad("service",
                "it does not run: its address " + written({socket->address, socket->port}) + " belongs to " + program,
                "end that program, or choose another [dashboard] listen; then systemctl start paravent")};
}

Findings examine_versions(const Patient& patient)
{
    std::string libraries = std::string("OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING) + ", SQLite " +
                            sqlite3_libversion() + ", c-ares " + ares_version(nullptr) + ", nghttp2 " +
                            nghttp2_version(0)->version_str;
    Findings out;
    const std::string own = PARAVENT_VERSION;
    const auto running = patient.status ? text_at(*patient.status, "version") : std::string{};
    if (!running.empty() && running != own)
        out.push_back(
            bad("versions", "the service runs " + running + ", this program is " + own, "systemctl restart paravent"));
    else
        out.push_back(good("versions", own + (running.empty() ? "" : ", as the service") + "; " + libraries));
    if (OPENSSL_version_major() != OPENSSL_VERSION_MAJOR || sqlite3_libversion_number() < SQLITE_VERSION_NUMBER)
        out.push_back(bad("versions",
                          "a library is older than the one this was built with (OpenSSL " +
                              std::string(OPENSSL_VERSION_STR) + ", SQLite " + SQLITE_VERSION + ")",
                          "install the libraries of the release that the package is for"));
    return out;
}

Findings examine_certificates(const Patient& patient)
{
    const auto folder = patient.state / "authority";
    if (::access(patient.state.c_str(), F_OK) == 0 && ::access(patient.state.c_str(), X_OK) != 0)
        return {note("certificates", "only the service's user may look into " + patient.state.string(),
                     "give the command as root")};
    const auto loaded = tls::load_authorities(patient.state);
    Findings out;
    for (const auto& problem : loaded.problems)
        out.push_back(bad("certificates", problem,
                          "put the file back from a backup; or have another one made, for every device to install: "
                          "paravent authority remove, then paravent authority create"));
    const auto now = dashboard::now_ms() / 1000;
    for (const auto& authority : loaded.authorities) {
        const auto notice = authority->validity_notice(now);
        if (!notice.empty())
            out.push_back(bad("certificates", notice,
                              authority->created() > now
                                  ? "timedatectl set-ntp true (package systemd-timesyncd), where "
                                    "the clock is wrong"
                                  : "paravent authority renew"));
        else if (tls::is_before_build(now))
            out.push_back(note("certificates", authority->name() + ": whether it is valid this clock cannot say",
                               "set the clock, see there"));
        else
            out.push_back(good("certificates", authority->name() + " holds for " +
                                                   std::to_string((authority->not_after() - now) / tls::day) +
                                                   " more days"));
    }
    if (out.empty())
        out.push_back(good("certificates", "there is no authority, so nothing is decrypted"));
    return out;
}

Findings examine_lists(const Patient& patient)
{
    Findings out;
    std::size_t on = 0, rules = 0;
    for (const auto& list : lists_of(patient)) {
        if (!list.enabled)
            continue;
        ++on;
        rules += list.report.rules;
        const bool subscribed = list.source.starts_with("http://") || list.source.starts_with("https://");
        if (auto finding = finding_of(list, subscribed); finding.state != Finding::State::good)
            out.push_back(std::move(finding));
    }
    if (out.empty())
        out.push_back(on == 0
                          ? bad("lists", "none is on, so nothing is stopped", "paravent lists on NAME")
                          : good("lists", std::to_string(on) + " in order, with " + std::to_string(rules) + " rules"));
    return out;
}

} // namespace paravent::cli
