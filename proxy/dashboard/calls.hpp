#pragma once

#include "proxy/dashboard/parts.hpp"
#include "proxy/dashboard/query.hpp"
#include "proxy/dashboard/reply.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// What each path of the API does; the table that leads to them is in api.cpp.
namespace paravent::dashboard {

/// One request that may be served.
struct Call {
    const server::LocalRequest& request;
    std::string_view query; ///< what follows the "?"
    std::string name;       ///< the path's {name}, decoded; empty where the path has none
};

/// The JSON object in a request's body; a key that is not among `known` is a problem.
result<boost::json::object> body_of(const server::LocalRequest& request, std::initializer_list<std::string_view> known);

/// Why a text is no person's name (the owner's word); empty where it is one.
std::string_view fault_of_person(std::string_view name);
boost::json::object import_shape(const reconcile::Import& import);

/// A time in a body: RFC 3339 or seconds since 1970. Nothing where the value is neither.
std::optional<std::int64_t> time_of(const boost::json::value& value);

/// What a device may know of itself without login (GET /self).
boost::json::object self_shape(const Parts& parts, const server::LocalRequest& request);
/// A device with what it has proved (shapes.hpp knows the policy alone).
boost::json::object device_shape(const Parts& parts, const policy::Device& device);
/// Which apps of a device refused our certificate, and what it has proved; "" for all devices.
/// @throws std::exception with a sentence where the file keeps it
void forget_interception(const Parts& parts, std::string_view device);

/// A page of events with its cursor.
server::LocalReply page_reply(const statistics::EventPage& page);

server::LocalReply get_page(const Parts&, const Call&);
server::LocalReply get_health(const Parts&, const Call&);
server::LocalReply get_openapi(const Parts&, const Call&);
server::LocalReply get_status(const Parts&, const Call&);
server::LocalReply get_stats(const Parts&, const Call&);
server::LocalReply get_settings(const Parts&, const Call&);
server::LocalReply patch_settings(const Parts&, const Call&);

server::LocalReply get_place(const Parts&, const Call&);
server::LocalReply put_place(const Parts&, const Call&);

server::LocalReply get_session(const Parts&, const Call&);
server::LocalReply post_session(const Parts&, const Call&);
server::LocalReply delete_session(const Parts&, const Call&);
server::LocalReply get_password(const Parts&, const Call&);
server::LocalReply put_password(const Parts&, const Call&);
server::LocalReply get_tokens(const Parts&, const Call&);
server::LocalReply post_token(const Parts&, const Call&);
server::LocalReply delete_token(const Parts&, const Call&);

server::LocalReply get_today(const Parts&, const Call&);
server::LocalReply get_checklist(const Parts&, const Call&);
server::LocalReply patch_checklist(const Parts&, const Call&);
server::LocalReply get_checklist_dates(const Parts&, const Call&);

/// Whose export it is, or of which one it is a further file.
struct ImportWish {
    std::string person, to;
};
result<ImportWish> import_wish(const Parts& parts, std::string_view query);
/// What is said of an export that was read whole. May be called on another thread.
server::LocalReply keep_import(const Parts& parts, const ImportWish& wish, activity::MetaExport&& content);
server::LocalReply post_import(const Parts&, const Call&); ///< without a body; with one it is an Importing
server::LocalReply get_imports(const Parts&, const Call&);
server::LocalReply delete_import(const Parts&, const Call&);
server::LocalReply get_reconcile(const Parts&, const Call&);
server::LocalReply get_withheld(const Parts&, const Call&);
server::LocalReply get_withheld_csv(const Parts&, const Call&);
server::LocalReply post_decode(const Parts&, const Call&);
server::LocalReply get_metrics(const Parts&, const Call&);
server::LocalReply get_self_events(const Parts&, const Call&);
server::LocalReply post_self_exception(const Parts&, const Call&);

server::LocalReply get_setup(const Parts&, const Call&);
server::LocalReply get_demo(const Parts&, const Call&);
server::LocalReply get_asset(const Parts&, const Call&);
server::LocalReply get_pac(const Parts&, const Call&);
server::LocalReply get_certificate(const Parts&, const Call&);
server::LocalReply get_mobileconfig(const Parts&, const Call&);
server::LocalReply get_qr(const Parts&, const Call&);

server::LocalReply get_events(const Parts&, const Call&);
server::LocalReply get_events_csv(const Parts&, const Call&);
server::LocalReply get_events_stream(const Parts&, const Call&);
server::LocalReply delete_events(const Parts&, const Call&);

server::LocalReply get_self(const Parts&, const Call&);
server::LocalReply post_self_check(const Parts&, const Call&);
server::LocalReply get_devices(const Parts&, const Call&);
server::LocalReply get_device(const Parts&, const Call&);
server::LocalReply patch_device(const Parts&, const Call&);
server::LocalReply delete_device(const Parts&, const Call&);
server::LocalReply get_exceptions(const Parts&, const Call&);
server::LocalReply post_exception(const Parts&, const Call&);
server::LocalReply delete_exception(const Parts&, const Call&);

server::LocalReply get_mine(const Parts&, const Call&);
server::LocalReply post_mine(const Parts&, const Call&);
server::LocalReply delete_mine(const Parts&, const Call&);

server::LocalReply get_root_crl(const Parts&, const Call&);
server::LocalReply get_meta_crl(const Parts&, const Call&);
server::LocalReply get_box_crl(const Parts&, const Call&);
server::LocalReply get_authority(const Parts&, const Call&);
server::LocalReply post_authority(const Parts&, const Call&);
server::LocalReply delete_authority(const Parts&, const Call&);
server::LocalReply get_bypasses(const Parts&, const Call&);
server::LocalReply delete_bypass(const Parts&, const Call&);

server::LocalReply get_lists(const Parts&, const Call&);
server::LocalReply post_list(const Parts&, const Call&);
server::LocalReply patch_list(const Parts&, const Call&);
server::LocalReply delete_list(const Parts&, const Call&);
server::LocalReply post_lists_update(const Parts&, const Call&);
server::LocalReply get_why(const Parts&, const Call&);
server::LocalReply get_sites(const Parts&, const Call&);
server::LocalReply get_site(const Parts&, const Call&);
server::LocalReply patch_site(const Parts&, const Call&);

server::LocalReply get_backup(const Parts&, const Call&);
server::LocalReply post_backup(const Parts&, const Call&);
server::LocalReply post_restore(const Parts&, const Call&);

} // namespace paravent::dashboard
