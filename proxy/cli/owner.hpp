#pragma once

#include <boost/json/string.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <sys/types.h>

namespace paravent::cli {

/// Files in the state directory belong to its owner: root, who gives a command for the service's user, becomes that
/// user as long as this lives. @throws Failure where another user gives it
class AsOwner {
public:
    explicit AsOwner(const std::filesystem::path& state);
    ~AsOwner();
    AsOwner(const AsOwner&) = delete;
    AsOwner& operator=(const AsOwner&) = delete;

    /// Does something as who gave the command.
    void as_caller(const std::function<void()>& action) const;

private:
    uid_t user_, caller_;
    gid_t group_, callers_group_;
};

/// The first line of a file. @throws Failure where it cannot be read, or the line is shorter than 8 characters
std::string passphrase_from_file(const std::filesystem::path& file);
/// Asked twice on the terminal, without echo. @throws Failure where there is no terminal, or they differ
std::string passphrase_from_terminal(const std::string& what);

/// For a request's body. @throws Failure where it is no text that JSON can carry
boost::json::string json_text(const std::string& secret);

} // namespace paravent::cli
