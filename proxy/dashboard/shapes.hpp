#pragma once

#include "proxy/dashboard/parts.hpp"
#include "proxy/statistics/query.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <string>
#include <string_view>

// The JSON shapes of interface.md ("Shapes", "An event").
namespace paravent::dashboard {

boost::json::object shape(const activity::Event& event);
boost::json::object shape(const policy::Device& device);
boost::json::object shape(const policy::Exception& exception);
boost::json::object shape(const tls::Bypass& bypass);
boost::json::object shape(const ListRow& list);
boost::json::object shape(const statistics::Stats& stats);
boost::json::object shape(const statistics::Counts& counts);
/// null where it is empty.
boost::json::value text_or_null(const std::string& text);
/// {"items", "next"}
boost::json::object page_of(boost::json::array items, boost::json::value next = nullptr);

/// The keys of an event in their order: the columns of the CSV form.
inline constexpr std::array<std::string_view, 23> event_keys = {
    "id",           "time",     "device",           "address", "site",     "page",     "destination", "product",
    "account",      "name",     "automatic",        "value",   "currency", "contents", "custom",      "identifiers",
    "device_facts", "event_id", "limited_data_use", "verdict", "rule",     "seen",     "mine"};
/// One value as a cell: inert in a terminal and in a spreadsheet, quoted where it must be; a list joined by ";".
std::string csv_cell(const boost::json::value& value);
/// The header line and one line for an event (RFC 4180, CRLF).
std::string csv_header();
std::string csv_line(const boost::json::object& event);

} // namespace paravent::dashboard
