#include "proxy/cli/client.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/owner.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <unistd.h>

namespace paravent::cli {
namespace {

/// What the service takes as a request's body; a larger backup is named to it by its path.
constexpr std::uintmax_t max_body = 1024 * 1024;

/// Empty where no file is named.
std::string passphrase_in(const std::string& file)
{
    return file.empty() ? std::string{} : passphrase_from_file(file);
}

boost::json::value wish_of(const std::string& passphrase)
{
    if (passphrase.empty())
        return nullptr;
    return boost::json::object{{"passphrase", json_text(passphrase)}};
}

} // namespace

int forget(const Place& place, const Forget& options)
{
    if (options.all == !(options.device.empty() && options.site.empty()))
        throw Failure(wrong_usage, "forget: one of --all, --device D, --site S (these two also together)");
    if (options.also_device && !options.site.empty())
        throw Failure(wrong_usage, "forget: --also-device goes with --all or --device D alone");
    Client client(place);
    std::vector<std::string> records;
    if (options.also_device && options.all) {
        const auto body = client.get("/devices");
        for (const auto& item : body.at("items").as_array())
            records.push_back(text_at(item.as_object(), "id"));
    } else if (options.also_device) {
        records.push_back(options.device);
    }
    const auto events =
        client.send("DELETE", "/events" + query_of({{"device", options.device}, {"site", options.site}}), nullptr);
    for (const auto& record : records)
        client.ask("DELETE", "/devices/" + escaped(record));
    const auto forgotten = text_at(events.as_object(), "forgotten");
    std::cout << "Forgotten: " << forgotten << (forgotten == "1" ? " event" : " events");
    if (!records.empty())
        std::cout << ", and what was known of " << records.size() << (records.size() == 1 ? " device" : " devices");
    std::cout << ".\n";
    return 0;
}

int backup(const Place& place, const Backup& options)
{
    const auto& file = options.file;
    const auto passphrase = passphrase_in(options.passphrase_file);
    const std::filesystem::path to(file);
    std::error_code error, ignored;
    if (std::filesystem::is_directory(to, ignored))
        throw Failure(wrong_usage, dashboard::inert(file) + ": is a folder; name a file");
    if (std::filesystem::exists(to, ignored) && !std::filesystem::is_regular_file(to, ignored))
        throw Failure(wrong_usage, dashboard::inert(file) + ": is no plain file; name another");
    if (const auto folder = to.has_parent_path() ? to.parent_path() : ".";
        !std::filesystem::is_directory(folder, ignored))
        throw Failure(failed, dashboard::inert(file) + ": there is no folder " + dashboard::inert(folder.string()));
    auto part = to;
    part += "." + std::to_string(::getpid()) + ".part";
    Client client(place);
    std::filesystem::remove(part, ignored); // of a process that had our number and was killed
    try {
        client.download("/backup", wish_of(passphrase), part);
    } catch (const Failure&) {
        std::filesystem::remove(part, ignored);
        throw;
    }
    std::filesystem::rename(part, to, error);
    if (error) {
        std::filesystem::remove(part, ignored);
        throw Failure(failed, dashboard::inert(file) + ": cannot be written (" + error.message() + ")");
    }
    const auto authorities = client.get("/authority");
    const bool has_authority = !authorities.at("items").as_array().empty();
    std::cout << "Statistics, policy and settings are in " << dashboard::inert(file)
              << (passphrase.empty() ? ". The authority's keys are not in it.\n"
                  : has_authority    ? ". So is the certificate authority, its keys encrypted by the passphrase.\n"
                                     : ". There is no certificate authority that could be in it.\n");
    return 0;
}

int restore(const Place& place, const Backup& options)
{
    const auto& file = options.file;
    const auto passphrase = passphrase_in(options.passphrase_file);
    std::error_code error;
    const auto size = std::filesystem::is_regular_file(file, error) ? std::filesystem::file_size(file, error) : 0;
    std::ifstream in(file, std::ios::binary);
    if (!in || size == 0)
        throw Failure(wrong_usage,
                      dashboard::inert(file) + ": there is no such file that user " + user_name() + " may read");
    std::string start(16, '\0');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    if (!start.starts_with("SQLite format 3"))
        throw Failure(wrong_usage, dashboard::inert(file) + ": this is no backup of Paravent; nothing was changed");

    Client client(place);
    Client::Answer answer;
    if (size <= max_body) {
        in.seekg(0);
        answer = client.ask("POST", "/restore", {std::istreambuf_iterator<char>(in), {}}, "application/vnd.sqlite3",
                            passphrase);
    } else {
        boost::json::object named{{"file", std::filesystem::absolute(file).string()}};
        if (!passphrase.empty())
            named["passphrase"] = json_text(passphrase);
        answer = client.ask("POST", "/restore", boost::json::serialize(named));
    }
    std::cout << "Restored: statistics and policy are those of the backup.\n";
    const auto body = boost::json::parse(answer.body);
    const auto authority = text_at(body.as_object(), "authority");
    if (authority == "restored")
        std::cout << "So is the certificate authority.\n";
    else if (authority == "locked")
        std::cout << "Its certificate authority was left out, for no passphrase was given (--passphrase-file).\n";
    if (const auto kept = text_at(body.as_object(), "settings_kept_at"); !kept.empty())
        std::cout << "Its settings differ from those in force. They are in " << dashboard::inert(kept)
                  << ", for you to compare.\n";
    return 0;
}

} // namespace paravent::cli
