#include "proxy/activity/report.hpp"

#include "proxy/activity/facts.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/text.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

constexpr std::size_t max_report_bytes = 4096;
constexpr std::string_view unnamed = "-"; ///< an event whose name the stand-in would not repeat

/// What `init` takes (meta-reference.md, section 2), and the cookies that stood beside it.
constexpr std::string_view kinds[] = {"em",
                                      "ph",
                                      "fn",
                                      "ln",
                                      "ge",
                                      "db",
                                      "ct",
                                      "city",
                                      "st",
                                      "state",
                                      "zp",
                                      "country",
                                      "cn",
                                      "external_id",
                                      "uid",
                                      "lead_id",
                                      "subscription_id",
                                      "fb_login_id",
                                      "fbp",
                                      "fbc"};

constexpr std::string_view keys[] = {
    "value",     "currency",      "content_ids", "contents", "content_type",  "content_name",     "content_category",
    "num_items", "search_string", "status",      "order_id", "predicted_ltv", "delivery_category"};

void read_kinds(std::string_view list, Event& event)
{
    while (!list.empty()) {
        const auto kind = list.substr(0, list.find(','));
        list.remove_prefix(std::min(kind.size() + 1, list.size()));
        if (std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds))
            add_identifier(kind, "1", event); // that there was a value is all that is told
    }
}

} // namespace

std::optional<Event> read_report(std::string_view form)
{
    const Fields fields{form.substr(0, max_report_bytes)};
    Event event;
    event.product = Product::pixel;
    event.seen_full = true;
    if (is_account(fields["id"]))
        event.account = std::string{fields["id"]};
    const auto name = fields["ev"];
    if (event.account.empty() || name.empty())
        return std::nullopt;
    const Secrets none{nullptr}; // a report has none
    if (name != unnamed)
        set_name(name, none, event);
    set_page(fields["dl"], event);
    read_kinds(fields["ik"], event);
    for (const auto& [field, value] : fields.all())
        if (const auto key = Fields::key_in("cd", field);
            std::find(std::begin(keys), std::end(keys), key) != std::end(keys))
            add_custom(key, value, none, event);
    event.automatic = fields["es"] == "automatic";
    event.event_id = fields["eid"] == "1";
    event.limited_data_use = fields["dpo"] == "LDU";
    return event;
}

} // namespace paravent::activity
