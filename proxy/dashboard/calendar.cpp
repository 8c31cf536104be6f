// The checklist's dates for a calendar (RFC 5545).
#include "proxy/activity/fields.hpp"
#include "proxy/activity/text.hpp"
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/checklist_file.hpp"
#include "proxy/dashboard/password.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <string>

namespace paravent::dashboard {
namespace {

/// What a date is for, in the home's language.
std::string_view words_for(std::string_view what, bool french)
{
    struct Words {
        std::string_view what, english, french;
    };
    static constexpr Words all[] = {
        {"change_mind", "Facebook account: last day to change your mind about deleting it",
         "Compte Facebook : dernier jour pour renoncer à sa suppression"},
        {"gone", "Facebook account: your data should be deleted by now",
         "Compte Facebook : vos données devraient maintenant être supprimées"},
    };
    for (const auto& words : all)
        if (words.what == what)
            return french ? words.french : words.english;
    return french ? "Meta : une date de votre liste" : "Meta: a date of your checklist";
}

/// A text value: escaped (section 3.3.11).
std::string text_value(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == ';' || c == ',')
            out += '\\';
        out += c;
    }
    return out;
}

/// A content line, folded at 75 bytes (section 3.1), between characters.
std::string line(std::string text)
{
    std::string out;
    for (std::size_t room = 75; text.size() > room; room = 74) { // the blank in front counts
        std::size_t end = room;
        while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
            --end;
        out += text.substr(0, end) + "\r\n ";
        text.erase(0, end);
    }
    return out + text + "\r\n";
}

std::string basic_day(std::string_view day) // 2026-11-20 -> 20261120
{
    std::string out(day);
    std::erase(out, '-');
    return out;
}

/// Now, as 20261120T101500Z.
std::string stamp()
{
    auto now = rfc3339(now_ms()).substr(0, 19) + "Z";
    std::erase_if(now, [](char c) { return c == '-' || c == ':'; });
    return now;
}

/// Tells this home's entries from another's (section 3.8.4.7), and nothing of the machine.
std::string home_mark()
{
    std::string id;
    std::getline(std::ifstream("/etc/machine-id"), id);
    id += " paravent checklist";
    return digest_of(id).substr(0, 16);
}

/// The same date of the same person is the same entry when the file is taken again.
std::string uid_of(const Step& step, const std::string& what, const std::string& done, const std::string& person)
{
    return step.id + "-" + what + "-" + done + "-" + activity::percent_encoded(person) + "@" + home_mark() +
           ".paravent.local";
}

} // namespace

server::LocalReply get_checklist_dates(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"person"});
    if (!query)
        return problem_reply(query.error());
    if (const auto fault = fault_of_person((*query)["person"]); !fault.empty())
        return problem_reply({400, std::string(fault)});
    const std::string person(activity::trimmed((*query)["person"]));
    const bool french = parts.policy.home().language == "fr";
    std::string entries;
    const auto ticks = read_ticks(parts.state_directory);
    const auto own = ticks.find(person);
    for (const auto& step : steps().steps) {
        if (own == ticks.end())
            break;
        const auto done = own->second.find(step.id);
        if (done == own->second.end())
            continue;
        for (const auto& due : step.due) {
            const auto day = *parse_day(done->second) + due.days;
            const auto summary = std::string(words_for(due.what, french)) + (person.empty() ? "" : " (" + person + ")");
            entries += line("BEGIN:VEVENT");
            entries += line("UID:" + uid_of(step, due.what, done->second, person));
            entries += line("DTSTAMP:" + stamp());
            entries += line("DTSTART;VALUE=DATE:" + basic_day(day_text(day)));
            entries += line("DTEND;VALUE=DATE:" + basic_day(day_text(day + 1)));
            entries += line("SUMMARY:" + text_value(summary));
            entries += line("URL:" + step.url);
            entries += line("TRANSP:TRANSPARENT");
            entries += line("END:VEVENT");
        }
    }
    if (entries.empty()) // a calendar has one entry at least (section 3.6)
        return problem_reply({404, "there is no date yet: tick a step that has one"});
    auto reply = text_reply("text/calendar; charset=utf-8",
                            line("BEGIN:VCALENDAR") + line("VERSION:2.0") + line("PRODID:-//Paravent//checklist//EN") +
                                line("CALSCALE:GREGORIAN") + entries + line("END:VCALENDAR"));
    reply.fields.emplace_back("Content-Disposition", "attachment; filename=\"paravent-meta.ics\"");
    return reply;
}

} // namespace paravent::dashboard
