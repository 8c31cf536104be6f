// Meta's export of what it was told about a person: taking it in, and what it says beside what was seen here.
#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/table.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace paravent::cli {
namespace {

namespace json = boost::json;

/// How far it is, on a terminal alone.
class Progress {
public:
    explicit Progress(std::string name) : name_(std::move(name)), shown_(::isatty(STDERR_FILENO) != 0) {}
    ~Progress()
    {
        if (shown_ && last_ >= 0)
            std::cerr << "\r\033[K";
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(std::uint64_t sent, std::uint64_t all)
    {
        const int percent = all == 0 ? 100 : static_cast<int>(sent * 100 / all);
        if (!shown_ || percent == last_)
            return;
        last_ = percent;
        std::cerr << "\r" << name_ << ": " << percent << " %" << std::flush;
    }

private:
    const std::string name_;
    const bool shown_;
    int last_ = -1;
};

std::string counted(const json::object& object, const char* key, const char* one, const char* many)
{
    const auto number = text_at(object, key);
    return number + " " + (number == "1" ? one : many);
}

std::string name_of(const json::object& row)
{
    const auto name = text_at(row, "name"), site = text_at(row, "site"), account = text_at(row, "account");
    return !site.empty() ? site : !name.empty() ? name : account;
}

void print_list(const json::object& body, const char* key, const char* title)
{
    const auto& rows = body.at("lists").at(key).as_array();
    const auto& total = body.at("totals").at(key).as_object();
    std::cout << '\n'
              << title << ": " << counted(total, "events", "event", "events") << " of "
              << counted(total, "companies", "company", "companies") << '\n';
    constexpr std::size_t most = 20;
    Table table({"COMPANY", "EVENTS", "FIRST", "LAST", "WHAT TO DO"});
    for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) {
        const auto& row = rows[i].as_object();
        table.add({name_of(row) + (row.at("probably").as_bool() ? " (probably)" : ""), text_at(row, "events"),
                   text_at(row, "first").substr(0, 10), text_at(row, "last").substr(0, 10), text_at(row, "advice")});
    }
    if (!table.empty())
        table.print(std::cout);
    if (rows.size() > most)
        std::cout << "… and " << rows.size() - most << " more: --json\n";
}

/// What passed here of companies that are not in Meta's list. The months have all that passed; of the list "only here"
/// not every row is there, and nothing of what passed after the import.
std::uint64_t let_through_and_not_listed(const json::object& body)
{
    std::uint64_t all = 0;
    for (const auto& month : body.at("months").as_array())
        all += month.at("let_through").to_number<std::uint64_t>();
    const auto listed = body.at("totals").at("let_through").at("events").to_number<std::uint64_t>();
    return all - std::min(all, listed);
}

} // namespace

int import_files(const Place& place, const ImportFiles& options)
{
    Client client(place);
    std::string id, last_without;
    json::value made;
    for (const auto& file : options.files) {
        const auto name = dashboard::inert(std::filesystem::path(file).filename().string());
        try {
            Progress progress(name);
            made = client.upload("/import" + query_of({{"person", options.person}, {"to", id}}), file,
                                 [&](std::uint64_t sent, std::uint64_t all) { progress.show(sent, all); });
            id = text_at(made.as_object(), "id");
        } catch (const Refused& refusal) {
            // Of an export in parts some have photos alone.
            constexpr unsigned nothing_in_it = 422;
            last_without = name + ": " + refusal.what();
            if (refusal.http_status == nothing_in_it && options.files.size() > 1)
                continue;
            if (!id.empty()) // half an export would be compared with the next one
                client.ask("DELETE", "/import" + query_of({{"id", id}}));
            throw Refused(refusal.status, last_without + (id.empty() ? "" : " (nothing was kept of the others either)"),
                          refusal.http_status);
        }
    }
    if (id.empty())
        throw Failure(wrong_usage, last_without);
    if (options.json) {
        std::cout << dashboard::text_of(made) << '\n';
        return 0;
    }
    const auto& import = made.as_object();
    std::cout << "Imported as " << text_at(import, "id") << ": " << counted(import, "events", "event", "events")
              << " of " << counted(import, "companies", "company", "companies");
    if (const auto first = text_at(import, "first"); !first.empty()) // Meta may list nothing at all
        std::cout << ", from " << first.substr(0, 10) << " to " << text_at(import, "last").substr(0, 10);
    std::cout << ".\n";
    if (text_at(import, "skipped") != "0")
        std::cout << counted(import, "skipped", "entry", "entries") << " could not be read.\n";
    std::cout << "`paravent reconcile` shows it beside what was seen here.\n";
    return 0;
}

int reconcile(const Place& place, const Reconcile& options)
{
    Client client(place);
    const auto value = client.get("/reconcile" + query_of({{"person", options.person}, {"import", options.import}}));
    if (options.json) {
        std::cout << dashboard::text_of(value) << '\n';
        return 0;
    }
    const auto& body = value.as_object();
    std::cout << text_at(body, "sentence") << '\n';
    print_list(body, "stopped", "Seen here and stopped");
    print_list(body, "let_through", "Seen here, let through, and in Meta's list");
    if (const auto events = let_through_and_not_listed(body); events > 0)
        std::cout << "\nLet through here, and not in Meta's list (or not yet): " << events
                  << (events == 1 ? " event\n" : " events\n");
    print_list(body, "elsewhere", "In Meta's list, not let through here");
    print_list(body, "only_here", "Seen here, not in Meta's list");
    return 0;
}

} // namespace paravent::cli
