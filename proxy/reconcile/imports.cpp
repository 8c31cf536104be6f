#include "proxy/reconcile/imports.hpp"

#include "proxy/activity/text.hpp"
#include "proxy/files/file.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fstream>
#include <sys/stat.h>
#include <unordered_set>

namespace paravent::reconcile {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using activity::MetaExport;

constexpr std::size_t largest = Imports::largest_text;
constexpr std::size_t longest_head = 64 * 1024; ///< with 64 hex digits for each of an export's files
constexpr std::size_t most_parts = 500;
constexpr std::string_view ending = ".jsonl";

/// The number in "i3"; 0 where the text is no id.
std::uint64_t number_of(std::string_view id) noexcept
{
    std::uint64_t number = 0;
    if (id.size() < 2 || id.size() > 12 || id[0] != 'i' || id[1] == '0')
        return 0;
    const auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), number);
    return error == std::errc{} && end == id.data() + id.size() ? number : 0;
}

json::object head_of(const Import& import)
{
    return {{"format", 1},
            {"person", import.person},
            {"time", import.time_ms},
            {"source", import.source},
            {"companies", import.companies},
            {"events", import.events},
            {"skipped", import.skipped},
            {"first", import.first_s},
            {"last", import.last_s},
            {"zoned", import.zoned},
            {"parts", json::array(import.parts.begin(), import.parts.end())},
            {"elsewhere", import.elsewhere_lately ? json::value(*import.elsewhere_lately) : json::value(nullptr)}};
}

std::optional<Import> read_head(std::string_view id, std::string_view line)
try {
    const auto value = json::parse(line);
    const auto& head = value.as_object();
    if (head.at("format").to_number<int>() != 1)
        return {};
    Import import;
    import.id = id;
    import.person = activity::trimmed(head.at("person").as_string());
    import.time_ms = head.at("time").to_number<std::int64_t>();
    import.source = head.at("source").as_string();
    import.companies = head.at("companies").to_number<std::uint64_t>();
    import.events = head.at("events").to_number<std::uint64_t>();
    import.skipped = head.at("skipped").to_number<std::uint64_t>();
    import.first_s = head.at("first").to_number<std::int64_t>();
    import.last_s = head.at("last").to_number<std::int64_t>();
    import.zoned = head.at("zoned").as_bool();
    for (const auto& part : head.at("parts").as_array())
        import.parts.emplace_back(part.as_string());
    if (const auto& elsewhere = head.at("elsewhere"); !elsewhere.is_null())
        import.elsewhere_lately = elsewhere.to_number<std::uint64_t>();
    return import;
} catch (const std::exception&) { // whatever is not as we write it
    return {};
}

std::string_view take_line(std::string_view& text)
{
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

/// Nothing where it is not in order.
std::optional<std::pair<Import, MetaExport>> parse(std::string_view id, std::string_view text)
{
    auto import = read_head(id, take_line(text));
    if (!import || number_of(id) == 0)
        return {};
    MetaExport content;
    while (!text.empty()) {
        auto row = activity::read_row(take_line(text));
        if (!row || content.rows.size() >= activity::max_export_rows)
            return {};
        content.rows.push_back(std::move(*row));
    }
    content.source = import->source;
    content.zoned = import->zoned;
    content.skipped = import->skipped;
    content.parts = import->parts;
    return std::pair(std::move(*import), std::move(content));
}

/// A company may have several ids. One without a name has nothing but its id.
std::size_t companies_in(const MetaExport& content)
{
    std::unordered_set<std::string_view> names;
    for (const auto& row : content.rows)
        names.insert(row.name.empty() ? row.account : row.name);
    return names.size();
}

void sum_up(Import& import, const MetaExport& content)
{
    import.source = content.source;
    import.companies = companies_in(content);
    import.events = content.events();
    import.skipped = content.skipped;
    import.zoned = content.zoned;
    import.parts = content.parts;
    import.first_s = import.last_s = 0;
    for (const auto& row : content.rows) {
        import.first_s = import.first_s == 0 ? row.first_s : std::min(import.first_s, row.first_s);
        import.last_s = std::max(import.last_s, row.last_s);
    }
}

} // namespace

fs::path Imports::file_of(std::string_view id) const
{
    return folder_ / (std::string(id) + std::string(ending));
}

std::vector<Import> Imports::list() const
{
    std::vector<Import> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_, error)) {
        const auto id = entry.path().stem().string();
        if (entry.path().extension() != ending || number_of(id) == 0)
            continue;
        std::string head(longest_head, '\0');
        std::ifstream in(entry.path(), std::ios::binary);
        in.read(head.data(), static_cast<std::streamsize>(head.size()));
        head.resize(static_cast<std::size_t>(in.gcount()));
        if (auto import = read_head(id, std::string_view(head).substr(0, head.find('\n'))))
            out.push_back(std::move(*import));
    }
    std::ranges::sort(out, std::greater{}, [](const Import& import) { return number_of(import.id); });
    return out;
}

std::vector<Import> Imports::all() const
{
    const std::lock_guard lock(mutex_);
    return list();
}

std::optional<Import> Imports::find(std::string_view id) const
{
    auto imports = all();
    const auto found = std::ranges::find(imports, id, &Import::id);
    return found != imports.end() ? std::optional(std::move(*found)) : std::nullopt;
}

MetaExport Imports::load(std::string_view id) const
{
    if (number_of(id) == 0)
        throw ImportError("there is no import \"" + std::string(id.substr(0, 20)) + "\"");
    const auto file = file_of(id);
    const auto content = files::read_file(file, largest);
    if (!content && content.error() == boost::system::errc::no_such_file_or_directory)
        throw ImportError("there is no import \"" + std::string(id) + "\"");
    auto parsed = content ? parse(id, content->text) : std::nullopt;
    if (!parsed)
        throw ImportError(file.string() + " cannot be used (" +
                          (content ? std::string("it is not in order") : content.error().message()) +
                          "): forget that import and import the file anew");
    return std::move(parsed->second);
}

MetaExport Imports::read(std::string_view id) const
{
    const std::lock_guard lock(mutex_);
    return load(id);
}

void Imports::write(const Import& import, const MetaExport& content) const
{
    if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
        throw NotWritten(folder_.string() + " cannot be made: " + std::generic_category().message(errno));
    std::string text = json::serialize(head_of(import)) + "\n";
    for (const auto& row : content.rows)
        text += activity::line_of(row);
    if (text.size() > largest)
        throw ImportError("the export names more companies than are kept");
    if (const auto error = files::write_whole(file_of(import.id), text))
        throw NotWritten(file_of(import.id).string() + " cannot be written: " + error.message());
}

Import Imports::add(const std::string& person, const MetaExport& content, std::int64_t now_ms, const Measure& measure)
{
    const auto elsewhere = measure ? measure(content) : std::nullopt; // takes a while
    const std::lock_guard lock(mutex_);
    const auto before = list();
    const auto of_them = std::ranges::count(before, person, &Import::person);
    if (before.size() >= most && static_cast<std::size_t>(of_them) < most_of_a_person)
        throw ImportError("there are " + std::to_string(most) + " imports already: forget some of them first");
    Import import;
    import.id = "i" + std::to_string(before.empty() ? 1 : number_of(before.front().id) + 1);
    import.person = person;
    import.time_ms = now_ms;
    sum_up(import, content);
    import.elsewhere_lately = elsewhere;
    write(import, content);
    std::size_t of_person = 1;
    std::error_code left;            // one more is kept then, until the next time
    for (const auto& older : before) // newest first
        if (older.person == person && ++of_person > most_of_a_person)
            fs::remove(file_of(older.id), left);
    return import;
}

Import Imports::add_part(std::string_view id, MetaExport&& part, const Measure& measure)
{
    const std::lock_guard lock(mutex_);
    const auto imports = list();
    const auto found = std::ranges::find(imports, id, &Import::id);
    auto content = load(id);
    if (found == imports.end())
        throw ImportError("there is no import \"" + std::string(id) + "\"");
    for (const auto& sum : part.parts)
        if (std::ranges::find(content.parts, sum) != content.parts.end())
            throw ImportError("this very file is in that import already");
    if (content.parts.size() + part.parts.size() > most_parts)
        throw ImportError("an export of so many files is not taken");
    activity::merge(content, std::move(part));
    auto import = *found;
    sum_up(import, content);
    import.elsewhere_lately = measure ? measure(content) : std::nullopt;
    write(import, content);
    return import;
}

bool Imports::remove(std::string_view id)
{
    const std::lock_guard lock(mutex_);
    std::error_code error;
    const bool removed = number_of(id) != 0 && fs::remove(file_of(id), error);
    if (error)
        throw NotWritten(file_of(id).string() + " cannot be removed: " + error.message());
    return removed;
}

void Imports::clear()
{
    const std::lock_guard lock(mutex_);
    std::error_code error;
    fs::remove_all(folder_, error);
    if (error)
        throw NotWritten(folder_.string() + " cannot be removed: " + error.message());
}

std::string Imports::text(std::string_view id) const
{
    const std::lock_guard lock(mutex_);
    (void)load(id); // one that is broken would make a backup that cannot be restored
    auto content = files::read_file(file_of(id), largest);
    if (!content)
        throw ImportError(file_of(id).string() + " cannot be read: " + content.error().message());
    return std::move(content->text);
}

void Imports::check(std::string_view id, std::string_view text)
{
    if (text.size() > largest || !parse(id, text))
        throw ImportError("its import " + std::string(id.substr(0, 20)) + " is not in order");
}

void Imports::restore(const std::map<std::string, std::string>& texts)
{
    for (const auto& [id, text] : texts)
        check(id, text);
    const std::lock_guard lock(mutex_);
    // Whole beside the old ones first; then one takes the other's place.
    auto next = folder_;
    next += ".new";
    fs::remove_all(next);
    if (::mkdir(next.c_str(), 0700) != 0)
        throw NotWritten(next.string() + " cannot be made: " + std::generic_category().message(errno));
    for (const auto& [id, text] : texts)
        if (const auto error = files::write_whole(next / file_of(id).filename(), text)) {
            fs::remove_all(next);
            throw NotWritten(file_of(id).string() + " cannot be written: " + error.message());
        }
    fs::remove_all(folder_);
    fs::rename(next, folder_);
}

} // namespace paravent::reconcile
