#pragma once

#include "proxy/cli/place.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// What `paravent doctor` looks at, and what it finds: each check says one thing or a few, and breaks nothing.
namespace paravent::cli {

struct Finding {
    enum class State : std::uint8_t {
        good,
        note, ///< nothing is wrong, but somebody may wonder
        bad
    } state = State::good;
    std::string check;  ///< one word
    std::string text;   ///< what is so
    std::string advice; ///< what to do; empty where there is nothing to do
};
using Findings = std::vector<Finding>;

inline Finding good(std::string check, std::string text)
{
    return {Finding::State::good, std::move(check), std::move(text), {}};
}
inline Finding note(std::string check, std::string text, std::string advice = {})
{
    return {Finding::State::note, std::move(check), std::move(text), std::move(advice)};
}
inline Finding bad(std::string check, std::string text, std::string advice)
{
    return {Finding::State::bad, std::move(check), std::move(text), std::move(advice)};
}

/// What is looked at.
struct Patient {
    Place place;
    config::Settings settings;
    bool settings_read = false; ///< else they are the defaults, which say nothing of this computer
    std::filesystem::path state;
    bool runs = false;                         ///< somebody answers at the dashboard's address
    std::optional<boost::json::object> status; ///< of the running service, where it may be asked
};

/// Fills in the settings. What is wrong with the file is one finding.
Findings examine_settings(Patient& patient);
/// Fills in `runs` and `status`.
Findings examine_service(Patient& patient);
Findings examine_versions(const Patient& patient);
Findings examine_proxy(const Patient& patient);
Findings examine_ports(const Patient& patient);
Findings examine_names(const Patient& patient);
Findings examine_routes(const Patient& patient);
Findings examine_clock(const Patient& patient);
Findings examine_disk(const Patient& patient);
Findings examine_certificates(const Patient& patient);
Findings examine_lists(const Patient& patient);
Findings examine_gateway(const Patient& patient);

/// Whether [upstream] names a proxy: then names and routes mean the way to it alone.
bool has_parent(const config::Settings& settings);
Findings examine_names_with_parent(const config::Settings& settings);
Findings examine_routes_with_parent(const config::Settings& settings);

} // namespace paravent::cli
