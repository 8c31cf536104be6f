#pragma once

#include "proxy/dashboard/guesses.hpp"
#include "proxy/dashboard/password.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::dashboard {

/// Who is the owner: the password, sessions and tokens, kept in STATE/login.json (0600), which holds nothing that lets
/// anybody in (scrypt, SHA-256 of random secrets) and is in no backup. Called on the dashboard's thread.
class Door {
public:
    /// `token`: the service's own, of the state directory. `now`: empty for the system's clock, in milliseconds.
    Door(std::filesystem::path state_directory, std::string token, std::function<std::int64_t()> now = {});

    bool has_password() const noexcept { return password_ || !problem_.empty(); }
    /// Whoever reads it aloud has access to this computer; empty once there is a password.
    /// Changes after `most_wrong_codes` wrong ones, whoever sent them: a network has many addresses to guess from.
    std::string code() const { return has_password() ? std::string{} : code_; }
    /// A sentence where login.json cannot be used: nobody gets in but with the service's own token, which can set a new
    /// password.
    const std::string& problem() const noexcept { return problem_; }

    static constexpr unsigned most_wrong_codes = 50;

    struct Tried {
        bool right = false;
        std::int64_t wait_ms = 0; ///< not 0: it was not looked at; this source may try again then
    };
    Tried try_password(std::string_view source, std::string_view password);
    Tried try_code(std::string_view source, std::string_view code);

    /// All sessions end. @throws std::runtime_error where it cannot be written; nothing is changed then
    void set_password(std::string_view password);

    /// The secret of a new session, for its cookie; the oldest of many ends. On a full disk it lasts until the service
    /// ends.
    std::string open_session();
    bool has_session(std::string_view secret) const;
    void end_session(std::string_view secret);
    static constexpr std::int64_t session_ms = 30LL * 24 * 3600 * 1000;

    struct Token {
        std::string id, name, digest;
        std::int64_t created_ms = 0;
        std::optional<std::int64_t> last_used_ms; ///< to the day, so that asking does not write
    };
    /// Of programs, in the order in which they were made.
    const std::vector<Token>& tokens() const noexcept { return tokens_; }
    struct Made {
        Token token;
        std::string secret; ///< shown once
    };
    /// @throws std::runtime_error as above, or where there are too many
    Made add_token(const std::string& name);
    bool remove_token(std::string_view id);
    /// The service's own, of the state directory: whoever has it has this computer.
    bool is_service_token(std::string_view secret) const noexcept;
    /// That, or a program's.
    bool has_token(std::string_view secret);

private:
    struct Session {
        std::string digest;
        std::int64_t created_ms = 0;
    };
    struct Kept {
        std::optional<PasswordHash> password;
        std::vector<Session> sessions;
        std::vector<Token> tokens;
    };
    static std::optional<Kept> parse(std::string_view text);
    static std::string text_of(const Kept& kept);
    void read();
    std::string write(const Kept& next) const; ///< why not; empty: it is written
    void hold(Kept next);
    void keep(Kept next); ///< writes it, then it holds
    Kept now_kept() const { return {password_, sessions_, tokens_}; }
    Tried tried(std::string_view source, const std::function<bool()>& is_right);

    const std::filesystem::path path_;
    const std::string token_;
    const std::function<std::int64_t()> now_;
    std::string code_, problem_;
    std::optional<PasswordHash> password_;
    std::vector<Session> sessions_;
    std::vector<Token> tokens_;
    Guesses guesses_;
    unsigned wrong_codes_ = 0; ///< since the code is what it is
};

} // namespace paravent::dashboard
