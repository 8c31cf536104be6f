#include "proxy/activity/pixel.hpp"

#include "proxy/activity/facts.hpp"
#include "proxy/activity/nested_names.hpp"
#include "proxy/activity/text.hpp"

namespace paravent::activity {
namespace {

void read_identifiers(const Fields& fields, Event& event, Secrets& secrets)
{
    // cud[] and ncud[] are masks of what was typed, sent beside it: alone they tell nothing.
    for (const auto& [field, value] : fields.all())
        for (const std::string_view group : {"ud", "aud", "udff"})
            if (const auto kind = Fields::key_in(group, field); !kind.empty())
                add_identifier(kind, value, event, secrets);
    for (const std::string_view kind : {"fbp", "fbc"})
        add_identifier(kind, fields[kind], event, secrets);
}

/// Conversion pixels of old carry their number, 13 digits, as the event's name.
bool is_old_conversion(std::string_view id, std::string_view name) noexcept
{
    return is_account(name) && (id.empty() || (!is_account(id) && name.size() >= 10));
}

} // namespace

std::string page_told(std::string_view url)
{
    const auto query = parts_of(url).query;
    if (query.find("dl=") == std::string_view::npos)
        return {};
    return std::string{Fields(query)["dl"]};
}

void read_pixel(const Fields& fields, Secrets& secrets, Event& event)
{
    event.body_cut = event.body_cut || fields.cut();
    read_identifiers(fields, event, secrets);

    const auto id = fields["id"];
    const auto name = fields["ev"];
    if (is_account(id))
        event.account = std::string{id};
    if (is_old_conversion(id, name))
        event.account = std::string{name};
    else
        set_name(name, secrets, event);

    if (const auto page = fields["dl"]; !page.empty())
        set_page(page, event);
    guard_page(secrets, event);

    for (const auto& [field, value] : fields.all())
        if (const auto key = Fields::key_in("cd", field); !key.empty() && !is_nested(key))
            add_custom(key, value, secrets, event);
    for (const auto& [key, value] : nested_in("cd", fields))
        add_custom(key, value, secrets, event);

    event.automatic = fields["es"] == "automatic";
    event.event_id = !fields["eid"].empty();
    event.limited_data_use = fields["dpo"].find("LDU") != std::string_view::npos;
}

} // namespace paravent::activity
