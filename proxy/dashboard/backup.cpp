#include "proxy/dashboard/backup.hpp"

#include "proxy/dashboard/time.hpp"
#include "proxy/tls/openssl.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <boost/json.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace paravent::dashboard {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format = "1";
constexpr std::size_t max_text_bytes = reconcile::Imports::largest_text;
const std::string import_prefix = "imports/";

std::string read_text(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void put(SQLite::Database& database, const char* name, const std::string& content)
{
    SQLite::Statement insert(database, "INSERT INTO paravent_backup VALUES (?, ?)");
    insert.bind(1, name);
    insert.bind(2, content);
    insert.exec();
}

std::string get(SQLite::Database& database, const char* name)
{
    SQLite::Statement select(database, "SELECT content FROM paravent_backup WHERE name = ? AND length(content) <= ?");
    select.bind(1, name);
    select.bind(2, static_cast<std::int64_t>(max_text_bytes));
    return select.executeStep() ? select.getColumn(0).getString() : std::string{};
}

/// Everything that the database's file is made of, as one text: two files with the same one are read alike.
std::string schema_of(SQLite::Database& database)
{
    std::string schema = std::to_string(database.execAndGet("PRAGMA application_id").getInt()) + "/" +
                         std::to_string(database.execAndGet("PRAGMA user_version").getInt());
    SQLite::Statement objects(database,
                              "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema "
                              "WHERE tbl_name <> 'paravent_backup' AND name NOT LIKE 'sqlite_stat%' ORDER BY 1");
    while (objects.executeStep())
        schema += "\n" + objects.getColumn(0).getString();
    return schema;
}

std::string schema_of_new(const fs::path& folder)
{
    statistics::Options options;
    options.database = folder / "new.db";
    options.retention = std::chrono::hours{24};
    const statistics::Recorder recorder(std::move(options));
    SQLite::Database database((folder / "new.db").string(), SQLite::OPEN_READONLY);
    return schema_of(database);
}

/// Empty where the policy can be put in force by this version, else a sentence.
std::string problem_with_policy(const std::string& text, const fs::path& folder, const config::Settings& settings)
{
    if (text.empty())
        return {};
    try {
        policy::Policy(folder / "policy", settings).restore(text);
        return {};
    } catch (const policy::PolicyError& error) {
        return error.what();
    }
}

std::string name_of_authority(std::size_t number)
{
    return "authority." + std::to_string(number);
}

/// In the order in which they were made, from 1 on.
void put_authorities(SQLite::Database& database, const tls::AuthorityList& newest_first, std::string_view passphrase)
{
    std::size_t number = 0;
    for (auto authority = newest_first.rbegin(); authority != newest_first.rend(); ++authority) {
        const auto text = (*authority)->text(passphrase);
        put(database, name_of_authority(++number).c_str(), std::string(tls::bytes_of(text.get())));
    }
}

/// @throws tls::AuthorityError where the passphrase is not theirs
void get_authorities(SQLite::Database& database, std::string_view passphrase, Checked& checked)
{
    for (const std::size_t number : {1, 2}) {
        const auto text = get(database, name_of_authority(number).c_str());
        if (text.empty())
            return;
        checked.has_authorities = true;
        if (!passphrase.empty())
            checked.authorities.insert(checked.authorities.begin(), std::make_shared<const tls::Authority>(
                                                                        tls::Authority::from_text(text, passphrase)));
    }
}

/// Nothing where the backup is older than imports are. @throws reconcile::ImportError
std::optional<std::map<std::string, std::string>> imports_in(SQLite::Database& database)
{
    if (get(database, "imports").empty())
        return {};
    std::map<std::string, std::string> out;
    SQLite::Statement names(database, "SELECT substr(name, ?) FROM paravent_backup WHERE name GLOB ? LIMIT ?");
    names.bind(1, static_cast<std::int64_t>(import_prefix.size() + 1));
    names.bind(2, import_prefix + "*");
    names.bind(3, static_cast<std::int64_t>(reconcile::Imports::most));
    while (names.executeStep()) {
        const auto id = names.getColumn(0).getString();
        auto text = get(database, (import_prefix + id).c_str());
        reconcile::Imports::check(id, text);
        out.emplace(id, std::move(text));
    }
    return out;
}

Problem no_backup(std::string_view reason)
{
    return {400, "this is no backup of Paravent: " + std::string(reason) + "; nothing was changed"};
}

} // namespace

Workspace::Workspace(const fs::path& state_directory) : folder_(state_directory / "backup.tmp")
{
    fs::remove_all(folder_);
    fs::create_directories(state_directory);
    if (::mkdir(folder_.c_str(), 0700) != 0)
        throw std::runtime_error(folder_.string() + ": cannot be made: " + std::generic_category().message(errno));
}

Workspace::~Workspace()
{
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

std::string problem_with_passphrase(std::string_view passphrase)
{
    constexpr std::size_t least = 8, most = 1024;
    return passphrase.size() < least || passphrase.size() > most ? "passphrase: is a text of 8 to 1024 characters"
                                                                 : std::string{};
}

void write_backup(const Parts& parts, const fs::path& file, std::string_view passphrase)
{
    parts.recorder.copy_to(file);
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA journal_mode = DELETE");
    SQLite::Transaction transaction(database);
    database.exec("CREATE TABLE paravent_backup (name TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID");
    put(database, "format", std::string(format));
    put(database, "version", parts.server().version);
    put(database, "made", rfc3339(now_ms()));
    put(database, "policy.json", parts.policy.text());
    put(database, "paravent.toml", parts.settings()->file.empty() ? std::string{} : read_text(parts.settings()->file));
    put(database, "checklist.json", text_of(read_ticks(parts.state_directory)));
    put(database, "imports", "1");
    for (const auto& import : parts.imports.all())
        put(database, (import_prefix + import.id).c_str(), parts.imports.text(import.id));
    if (!passphrase.empty())
        put_authorities(database, *parts.interception.authorities(), passphrase);
    transaction.commit();
}

result<Checked> check_backup(const fs::path& file, const config::Settings& settings, std::string_view passphrase)
try {
    const auto folder = file.parent_path();
    SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
    // A schema is code: nothing in it may do more than hold rows, also before it was compared.
    database.exec("PRAGMA trusted_schema = OFF");
    database.exec("PRAGMA cell_size_check = ON");
    if (!database.tableExists("paravent_backup"))
        return no_backup("its table of contents is missing");
    if (const auto check = database.execAndGet("PRAGMA integrity_check(1)").getString(); check != "ok")
        return no_backup("its database is damaged (" + check.substr(0, std::min<std::size_t>(200, check.find('\n'))) +
                         ")");
    if (get(database, "format") != format || schema_of(database) != schema_of_new(folder))
        return no_backup("it was made by another version (" + get(database, "version").substr(0, 40) + ")");
    Checked checked;
    checked.content.database = file;
    checked.content.policy = get(database, "policy.json");
    checked.settings = get(database, "paravent.toml");
    if (const auto problem = problem_with_policy(checked.content.policy, folder, settings); !problem.empty())
        return no_backup("its policy.json cannot be used (" + problem + ")");
    if (const auto ticks = get(database, "checklist.json"); !ticks.empty())
        checked.checklist = parse_ticks(ticks);
    checked.imports = imports_in(database);
    get_authorities(database, passphrase, checked);
    // The texts must not live on in free pages of the statistics.
    database.exec("PRAGMA secure_delete = ON");
    database.exec("DROP TABLE paravent_backup");
    database.exec("PRAGMA journal_mode = DELETE");
    return checked;
} catch (const SQLite::Exception& error) {
    return no_backup(error.what());
} catch (const ChecklistError& error) {
    return no_backup(std::string("its checklist.json cannot be used (") + error.what() + ")");
} catch (const reconcile::ImportError& error) {
    return no_backup(error.what());
} catch (const tls::AuthorityError& error) {
    return Problem{400, std::string("the backup's certificate authority cannot be read: ") + error.what() +
                            "; nothing was changed"};
}

} // namespace paravent::dashboard
