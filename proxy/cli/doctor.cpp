#include "proxy/cli/diagnosis.hpp"
#include "proxy/cli/network.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <iostream>
#include <unistd.h>

namespace paravent::cli {
namespace {

using State = Finding::State;

Findings examine(const Place& place)
{
    Patient patient;
    patient.place = place;
    patient.state = state_at(place);
    Findings all = examine_settings(patient);
    const auto add = [&](Findings more) { std::ranges::move(more, std::back_inserter(all)); };
    if (!patient.settings_read) {
        for (const auto check : {examine_versions, examine_clock, examine_disk, examine_certificates})
            add(check(patient));
        return all;
    }
    add(examine_service(patient)); // the others ask what it said
    for (const auto check : {examine_versions, examine_proxy, examine_ports, examine_names, examine_routes,
                             examine_clock, examine_disk, examine_certificates, examine_lists, examine_gateway})
        add(check(patient));
    return all;
}

std::string_view word(State state) noexcept
{
    constexpr std::array<std::string_view, 3> words{"good", "note", "bad"};
    return words[static_cast<std::size_t>(state)];
}

std::string_view colour(State state) noexcept
{
    constexpr std::array<std::string_view, 3> colours{"\x1b[32m", "\x1b[33m", "\x1b[1;31m"};
    return colours[static_cast<std::size_t>(state)];
}

void print(const Findings& findings)
{
    const bool coloured = ::isatty(STDOUT_FILENO) == 1;
    for (const auto& one : findings) {
        const std::string begin(coloured ? colour(one.state) : ""), end(coloured ? "\x1b[0m" : "");
        std::string name = one.check + ":", state(word(one.state));
        name.resize(std::max<std::size_t>(name.size(), 14), ' ');
        state.resize(5, ' ');
        std::cout << begin << state << end << name << dashboard::inert(one.text);
        if (!one.advice.empty())
            std::cout << " -> " << dashboard::inert(one.advice);
        std::cout << '\n';
    }
}

void print_json(const Findings& findings, bool all_good)
{
    boost::json::array items;
    for (const auto& one : findings) {
        boost::json::object item{{"check", one.check}, {"state", word(one.state)}, {"text", one.text}};
        if (!one.advice.empty())
            item["advice"] = one.advice;
        items.push_back(std::move(item));
    }
    std::cout << boost::json::serialize(boost::json::object{{"good", all_good}, {"items", std::move(items)}}) << '\n';
}

} // namespace

int doctor(const Place& place, bool json)
{
    const auto findings = examine(place);
    const auto wrong = std::ranges::count(findings, State::bad, &Finding::state);
    if (json)
        print_json(findings, wrong == 0);
    else {
        print(findings);
        std::cout << (wrong == 0   ? "All is good.\n"
                      : wrong == 1 ? "1 thing is not good.\n"
                                   : std::to_string(wrong) + " things are not good.\n");
    }
    return wrong == 0 ? 0 : failed;
}

} // namespace paravent::cli
