#include "proxy/dashboard/door.hpp"

#include "proxy/dashboard/guard.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/files/file.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

constexpr std::size_t most_sessions = 64, most_tokens = 64, largest_file = 256 * 1024;
constexpr std::int64_t day_ms = 24LL * 3600 * 1000;

std::string text_at(const json::object& object, std::string_view key)
{
    return std::string(object.at(key).as_string());
}

} // namespace

Door::Door(std::filesystem::path state_directory, std::string token, std::function<std::int64_t()> now)
    : path_(std::move(state_directory) / "login.json"), token_(std::move(token)),
      now_(now ? std::move(now) : std::function<std::int64_t()>(now_ms)), code_(fresh_code())
{
    read();
}

void Door::read()
{
    const auto content = files::read_file(path_, largest_file);
    if (!content && content.error() == boost::system::errc::no_such_file_or_directory)
        return;
    auto kept = content ? parse(content->text) : std::nullopt;
    if (!kept) {
        problem_ = path_.string() + " cannot be used (" + (content ? "it is not in order" : content.error().message()) +
                   "), so nobody can log in: `paravent password` sets a new password";
        return;
    }
    password_ = std::move(kept->password);
    sessions_ = std::move(kept->sessions);
    tokens_ = std::move(kept->tokens);
}

std::optional<Door::Kept> Door::parse(std::string_view text)
try {
    const auto value = json::parse(text);
    const auto& root = value.as_object();
    if (root.at("format").to_number<int>() != 1)
        return {};
    Kept kept;
    if (const auto& password = root.at("password"); !password.is_null()) {
        const auto& o = password.as_object();
        kept.password = PasswordHash{o.at("n").to_number<std::uint64_t>(), o.at("r").to_number<std::uint64_t>(),
                                     o.at("p").to_number<std::uint64_t>(), text_at(o, "salt"), text_at(o, "hash")};
    }
    for (const auto& one : root.at("sessions").as_array())
        kept.sessions.push_back({text_at(one.as_object(), "digest"), one.at("created").to_number<std::int64_t>()});
    for (const auto& one : root.at("tokens").as_array()) {
        const auto& o = one.as_object();
        Token token{
            text_at(o, "id"), text_at(o, "name"), text_at(o, "digest"), o.at("created").to_number<std::int64_t>(), {}};
        if (const auto* used = o.if_contains("last_used"))
            token.last_used_ms = used->to_number<std::int64_t>();
        kept.tokens.push_back(std::move(token));
    }
    return kept;
} catch (const std::exception&) { // whatever is not as we write it
    return {};
}

std::string Door::text_of(const Kept& kept)
{
    json::object root{{"format", 1}, {"password", nullptr}};
    if (kept.password)
        root["password"] = {{"n", kept.password->n},
                            {"r", kept.password->r},
                            {"p", kept.password->p},
                            {"salt", kept.password->salt},
                            {"hash", kept.password->hash}};
    json::array sessions, tokens;
    for (const auto& session : kept.sessions)
        sessions.push_back({{"digest", session.digest}, {"created", session.created_ms}});
    for (const auto& token : kept.tokens) {
        json::object one{
            {"id", token.id}, {"name", token.name}, {"digest", token.digest}, {"created", token.created_ms}};
        if (token.last_used_ms)
            one["last_used"] = *token.last_used_ms;
        tokens.push_back(std::move(one));
    }
    root["sessions"] = std::move(sessions);
    root["tokens"] = std::move(tokens);
    return json::serialize(root) + "\n";
}

std::string Door::write(const Kept& next) const
{
    const auto error = files::write_whole(path_, text_of(next));
    return error ? path_.string() + " cannot be written: " + error.message() : std::string{};
}

void Door::keep(Kept next)
{
    if (const auto fault = write(next); !fault.empty())
        throw std::runtime_error(fault);
    hold(std::move(next));
}

void Door::hold(Kept next)
{
    password_ = std::move(next.password);
    sessions_ = std::move(next.sessions);
    tokens_ = std::move(next.tokens);
}

Door::Tried Door::tried(std::string_view source, const std::function<bool()>& is_right)
{
    if (const auto wait = guesses_.wait_of(source, now_()); wait > 0)
        return {false, wait};
    const bool right = is_right();
    if (right)
        guesses_.right(source);
    else
        guesses_.wrong(source, now_());
    return {right, 0};
}

Door::Tried Door::try_password(std::string_view source, std::string_view password)
{
    return tried(source, [&] { return password_ && is_password(*password_, password); });
}

Door::Tried Door::try_code(std::string_view source, std::string_view code)
{
    // As people type it: with or without the dash, with blanks.
    const auto digits = [](std::string_view text) {
        std::string out;
        std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c >= '0' && c <= '9'; });
        return out;
    };
    const auto result = tried(source, [&] { return !has_password() && same_secret(digits(code), digits(code_)); });
    if (!result.right && result.wait_ms == 0 && ++wrong_codes_ >= most_wrong_codes) {
        code_ = fresh_code();
        wrong_codes_ = 0;
    }
    return result;
}

void Door::set_password(std::string_view password)
{
    auto next = now_kept();
    next.password = hash_password(password);
    next.sessions.clear();
    keep(std::move(next));
    problem_.clear();
}

std::string Door::open_session()
{
    auto next = now_kept();
    const auto now = now_();
    std::erase_if(next.sessions, [&](const Session& s) { return now - s.created_ms > session_ms; });
    if (next.sessions.size() >= most_sessions)
        next.sessions.erase(next.sessions.begin());
    auto secret = fresh_secret();
    next.sessions.push_back({digest_of(secret), now});
    (void)write(next);
    hold(std::move(next));
    return secret;
}

bool Door::has_session(std::string_view secret) const
{
    const auto digest = digest_of(secret);
    const auto now = now_();
    return std::ranges::any_of(
        sessions_, [&](const Session& s) { return s.digest == digest && now - s.created_ms <= session_ms; });
}

void Door::end_session(std::string_view secret)
{
    auto next = now_kept();
    const auto digest = digest_of(secret);
    if (std::erase_if(next.sessions, [&](const Session& s) { return s.digest == digest; }) == 0)
        return;
    const auto fault = write(next);
    hold(std::move(next));
    if (!fault.empty()) // it would be there again after a restart
        throw std::runtime_error(fault);
}

Door::Made Door::add_token(const std::string& name)
{
    if (tokens_.size() >= most_tokens)
        throw std::runtime_error("there are " + std::to_string(most_tokens) + " tokens already; remove one first");
    auto next = now_kept();
    Made made{{fresh_secret().substr(0, 8), name, {}, now_(), {}}, fresh_secret()};
    made.token.digest = digest_of(made.secret);
    next.tokens.push_back(made.token);
    keep(std::move(next));
    return made;
}

bool Door::remove_token(std::string_view id)
{
    auto next = now_kept();
    if (std::erase_if(next.tokens, [&](const Token& t) { return t.id == id; }) == 0)
        return false;
    keep(std::move(next));
    return true;
}

bool Door::is_service_token(std::string_view secret) const noexcept
{
    return !token_.empty() && same_secret(secret, token_);
}

bool Door::has_token(std::string_view secret)
{
    if (is_service_token(secret))
        return true;
    const auto digest = digest_of(secret);
    const auto found = std::ranges::find(tokens_, digest, &Token::digest);
    if (found == tokens_.end())
        return false;
    const auto now = now_();
    if (!found->last_used_ms || now - *found->last_used_ms > day_ms)
        found->last_used_ms = now; // written with the next change
    return true;
}

} // namespace paravent::dashboard
