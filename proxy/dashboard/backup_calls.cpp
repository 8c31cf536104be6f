#include "proxy/dashboard/backup.hpp"
#include "proxy/dashboard/calls.hpp"

#include <boost/json.hpp>

#include <fstream>
#include <pwd.h>
#include <unistd.h>

namespace paravent::dashboard {
namespace {

namespace fs = std::filesystem;

/// A file that is sent in pieces; its name may be gone already.
class Download : public server::Feed {
public:
    explicit Download(const fs::path& file) : in_(file, std::ios::binary) {}

    std::string take() override
    {
        std::string piece(64 * 1024, '\0');
        in_.read(piece.data(), static_cast<std::streamsize>(piece.size()));
        piece.resize(static_cast<std::size_t>(in_.gcount()));
        return piece;
    }
    void on_ready(std::function<void()>) override {}                    // always ready until it is finished
    std::string_view heartbeat() const noexcept override { return {}; } // every byte belongs to the file
    bool finished() const noexcept override { return !in_; }

private:
    std::ifstream in_;
};

std::string user_name()
{
    const auto* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
}

/// Brings the backup into the workspace, from the body or from a file that the body names.
std::optional<Problem> fetch(const server::LocalRequest& request, const fs::path& to)
{
    if (request.body.starts_with("SQLite format 3")) {
        std::ofstream out(to, std::ios::binary);
        out << request.body;
        return out.flush() ? std::nullopt : std::optional(Problem{500, "the state directory cannot be written"});
    }
    const auto body = body_of(request, {"file", "passphrase"});
    const auto* name = body ? body->if_contains("file") : nullptr;
    if (name == nullptr || !name->is_string())
        return Problem{400, "the body is a backup, or {\"file\": \"/path/of/a/backup\"}; nothing was changed"};
    const fs::path file(std::string(name->get_string()));
    if (!request.loopback)
        return Problem{403, "a file of this computer can be named from this computer only"};
    std::error_code error;
    const auto size = file.is_absolute() && fs::is_regular_file(file, error) ? fs::file_size(file, error) : 0;
    if (size == 0 || error)
        return Problem{400, file.string() + ": there is no such file that user " + user_name() +
                                " may read (an absolute path); nothing was changed"};
    if (size > max_backup_bytes)
        return Problem{400, file.string() + ": larger than any backup (1 GiB); nothing was changed"};
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return Problem{400, file.string() + ": user " + user_name() + " may not read it; nothing was changed"};
    std::ofstream out(to, std::ios::binary);
    out << in.rdbuf();
    return out.flush() ? std::nullopt
                       : std::optional(Problem{500, "the state directory cannot be written; nothing was changed"});
}

/// The settings belong to the owner's hand, often to another user: a differing file is laid beside, not put in force.
std::string lay_beside(const Parts& parts, const std::string& settings)
{
    const auto& in_force = parts.settings()->file;
    std::ifstream in(in_force, std::ios::binary);
    if (settings.empty() || settings == std::string{std::istreambuf_iterator<char>(in), {}})
        return {};
    const auto beside = parts.state_directory / "paravent.toml.restored";
    std::ofstream(beside, std::ios::binary) << settings;
    return beside.string();
}

} // namespace

/// The passphrase that comes with a backup: in the body beside the file's name, or percent-encoded in a field of its
/// own where the body is the backup itself. Empty: none.
result<std::string> passphrase_of(const server::LocalRequest& request)
{
    std::string passphrase;
    if (const auto field = request.field("Paravent-Passphrase"); !field.empty()) {
        passphrase = percent_decoded(field, false).value_or("");
    } else if (!request.body.starts_with("SQLite format 3")) {
        const auto body = body_of(request, {"file", "passphrase"});
        const auto* text = body ? body->if_contains("passphrase") : nullptr;
        if (text == nullptr || text->is_null())
            return std::string{};
        if (text->is_string())
            passphrase = text->get_string();
    } else {
        return std::string{};
    }
    if (auto problem = problem_with_passphrase(passphrase); !problem.empty())
        return Problem{400, std::move(problem) + "; nothing was changed"};
    return passphrase;
}

/// The backup's authorities in force, after all else is; what happened to them.
std::string_view take_authorities(const Parts& parts, const Checked& checked)
{
    if (!checked.has_authorities)
        return "none";
    if (checked.authorities.empty())
        return "locked";
    tls::replace_authorities(parts.state_directory, checked.authorities);
    parts.interception.load();
    return "restored";
}

/// A backup on its way; nothing of it stays here.
server::LocalReply send_backup(const Parts& parts, const Call& call, std::string_view passphrase)
{
    auto reply = text_reply("application/vnd.sqlite3", {});
    reply.fields.emplace_back("Content-Disposition", "attachment; filename=\"paravent-backup.db\"");
    if (call.request.method == "HEAD")
        return reply;
    const Workspace workspace(parts.state_directory);
    write_backup(parts, workspace.file("backup.db"), passphrase);
    reply.feed = std::make_shared<Download>(workspace.file("backup.db"));
    return reply;
}

server::LocalReply get_backup(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    return send_backup(parts, call, {});
}

server::LocalReply post_backup(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto body = body_of(call.request, {"passphrase"});
    if (!body)
        return problem_reply(body.error());
    const auto* passphrase = body->if_contains("passphrase");
    const std::string text(passphrase != nullptr && passphrase->is_string() ? std::string_view(passphrase->get_string())
                                                                            : std::string_view{});
    if (const auto problem = problem_with_passphrase(text); !problem.empty())
        return problem_reply({400, problem});
    return send_backup(parts, call, text);
}

server::LocalReply post_restore(const Parts& parts, const Call& call)
{
    const auto passphrase = passphrase_of(call.request);
    if (!passphrase)
        return problem_reply(passphrase.error());
    const Workspace workspace(parts.state_directory);
    const auto file = workspace.file("backup.db");
    if (const auto problem = fetch(call.request, file))
        return problem_reply(*problem);
    const auto checked = check_backup(file, *parts.settings(), *passphrase);
    if (!checked)
        return problem_reply(checked.error());
    parts.restore(checked->content);
    if (checked->checklist)
        write_ticks(parts.state_directory, *checked->checklist);
    if (checked->imports)
        parts.imports.restore(*checked->imports);
    const auto beside = lay_beside(parts, checked->settings);
    std::string_view authority;
    try {
        authority = take_authorities(parts, *checked);
    } catch (const tls::AuthorityError& error) {
        return problem_reply(
            {500, std::string("statistics and policy are the backup's, but not its authority: ") + error.what()});
    }
    return json_reply({{"restored", true},
                       {"settings_kept_at", beside.empty() ? boost::json::value(nullptr) : boost::json::value(beside)},
                       {"authority", authority}});
}

} // namespace paravent::dashboard
