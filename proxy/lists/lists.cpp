#include "proxy/lists/lists.hpp"

#include "proxy/lists/list_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace paravent::lists {
namespace {

std::string day_of(std::int64_t ms)
{
    const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%d", &utc);
    return text.data();
}

/// An entry that only switches a list of ours.
bool is_switch(const config::List& entry)
{
    return entry.file.empty() && entry.url.empty();
}

/// One compilation, list by list, and what is told about each.
class Gathering {
public:
    Gathering(const std::filesystem::path& state_directory, const OwnerSwitch& owner_switch, bool keeps)
        : state_directory_(state_directory), owner_switch_(owner_switch), keeps_(keeps)
    {
    }

    void add(const rules::OwnList& own, const std::vector<config::List>& entries)
    {
        const auto entry =
            std::ranges::find_if(entries, [&](const config::List& e) { return is_switch(e) && e.name == own.name; });
        ListStatus status;
        status.name = status.category = own.name;
        status.source = "built in";
        status.enabled = switched(own.name, entry == entries.end() ? own.on_by_default : entry->enabled);
        if (status.enabled)
            status.report = compiler_.add({status.name, status.category, true, true, own.text});
        lists_.push_back(std::move(status));
    }

    void add(const config::List& entry)
    {
        ListStatus status;
        status.name = entry.name;
        status.category = entry.category.empty() ? "other" : entry.category;
        status.source = entry.file.empty() ? entry.url : entry.file;
        status.enabled = switched(entry.name, entry.enabled);
        if (status.enabled) {
            ListText list = entry.file.empty() ? fetched(status) : from_file(status);
            if (list.fault.empty()) {
                status.updated_ms = list.changed_ms;
                room_ -= list.text.size();
                // A subscribed list never widens what is decrypted, whatever its entry says.
                const bool widens = entry.intercept && !entry.file.empty();
                status.report = compiler_.add({status.name, status.category, false, widens, list.text});
            }
        }
        lists_.push_back(std::move(status));
    }

    Compiled compile()
    {
        Compiled compiled;
        compiled.rules = compiler_.finish();
        compiled.lists = std::move(lists_);
        return compiled;
    }

private:
    bool switched(std::string_view name, bool otherwise) const
    {
        return owner_switch_ ? owner_switch_(name).value_or(otherwise) : otherwise;
    }

    /// The owner's own file, else the last good text of it.
    ListText from_file(ListStatus& status) const
    {
        ListText list = read_list(status.source, room_);
        const auto copy = kept_text(state_directory_, status.name);
        if (list.fault.empty()) {
            if (keeps_)
                if (const std::string why = keep_list(copy, list); !why.empty())
                    status.error =
                        "no copy of it could be kept (" + why + "), so it will be missing if it cannot be read";
            return list;
        }
        status.error = status.source + " " + list.fault;
        ListText last = read_list(copy, room_, largest_text);
        status.error += in_force_all_the_same(last.fault.empty() ? last.changed_ms : 0);
        return last;
    }

    /// What a helper program fetched.
    ListText fetched(ListStatus& status) const
    {
        const auto file = kept_text(state_directory_, status.name);
        std::error_code ignored;
        ListText list = read_list(file, room_, largest_text);
        if (!list.fault.empty())
            status.error = std::filesystem::exists(file, ignored)
                               ? file.string() + " " + list.fault + "; none of its rules is in force"
                               : "it has not been fetched yet, so none of its rules is in force";
        return list;
    }

    const std::filesystem::path& state_directory_;
    const OwnerSwitch& owner_switch_;
    const bool keeps_;
    std::size_t room_ = largest_text; ///< for all texts together, of which one is in memory at a time
    rules::Ruleset::Compiler compiler_;
    std::vector<ListStatus> lists_;
};

} // namespace

std::string in_force_all_the_same(std::int64_t updated_ms)
{
    return updated_ms != 0 ? "; its last good text, of " + day_of(updated_ms) + ", stays in force"
                           : "; none of its rules is in force";
}

std::filesystem::path kept_text(const std::filesystem::path& state_directory, std::string_view name)
{
    return state_directory / "lists" / (std::string(name) + ".txt"); // config lets no name be more than a file's name
}

Compiled compile(const config::Settings& settings, const std::filesystem::path& state_directory,
                 const OwnerSwitch& owner_switch, const Compiled* previous)
{
    Gathering gathering(state_directory, owner_switch, previous != nullptr);
    for (const rules::OwnList& own : rules::own_lists())
        gathering.add(own, settings.lists);
    for (const config::List& entry : settings.lists)
        if (!is_switch(entry))
            gathering.add(entry);
    return gathering.compile();
}

} // namespace paravent::lists
