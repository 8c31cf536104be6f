#include "proxy/cli/owner.hpp"

#include "proxy/cli/place.hpp"
#include "proxy/dashboard/text.hpp"

#include <boost/json.hpp>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace paravent::cli {
namespace {

constexpr std::size_t least = 8, most = 1024; // characters of a passphrase

void become(uid_t user, gid_t group)
{
    // Groups first: an ordinary user may not change them any more.
    if (::setegid(group) != 0 || ::seteuid(user) != 0)
        throw Failure(failed, std::string("cannot become the owner of the state directory: ") + std::strerror(errno));
}

void check(const std::string& passphrase)
{
    if (passphrase.size() < least || passphrase.size() > most)
        throw Failure(wrong_usage, "the passphrase needs 8 to 1024 characters");
}

struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

/// The terminal without echo while this lives.
class Silence {
public:
    explicit Silence(int fd) : fd_(fd)
    {
        ::tcgetattr(fd_, &before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(fd_, TCSAFLUSH, &silent);
    }
    ~Silence() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    int fd_;
    termios before_{};
};

std::string ask(std::FILE* terminal, const std::string& question)
{
    std::fprintf(terminal, "%s: ", question.c_str());
    std::fflush(terminal);
    std::array<char, most + 2> line{};
    {
        const Silence silence(::fileno(terminal));
        if (std::fgets(line.data(), static_cast<int>(line.size()), terminal) == nullptr)
            line[0] = '\0';
    }
    std::fprintf(terminal, "\n");
    std::string text(line.data());
    line.fill('\0');
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

} // namespace

AsOwner::AsOwner(const std::filesystem::path& state)
    : user_(::geteuid()), caller_(user_), group_(::getegid()), callers_group_(group_)
{
    struct stat status{};
    if (::stat(state.c_str(), &status) != 0 || status.st_uid == caller_)
        return; // ours, or yet to be made
    if (caller_ != 0)
        throw Failure(failed, dashboard::inert(state.string()) + ": belongs to another user than " + user_name() +
                                  "; give the command as its owner, or as root");
    user_ = status.st_uid;
    group_ = status.st_gid;
    become(user_, group_);
}

AsOwner::~AsOwner()
{
    if (user_ != caller_ && (::seteuid(caller_) != 0 || ::setegid(callers_group_) != 0))
        std::perror("paravent");
}

void AsOwner::as_caller(const std::function<void()>& action) const
{
    if (user_ == caller_)
        return action();
    if (::seteuid(caller_) != 0)
        throw Failure(failed, std::string("cannot become root again: ") + std::strerror(errno));
    const struct Back {
        const AsOwner& owner;
        ~Back()
        {
            if (::setegid(owner.group_) != 0 || ::seteuid(owner.user_) != 0)
                std::_Exit(failed); // or what follows would belong to root
        }
    } back{*this};
    action();
}

std::string passphrase_from_file(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::string line;
    if (!in || !std::getline(in, line))
        throw Failure(wrong_usage, dashboard::inert(file.string()) + ": there is no passphrase that user " +
                                       user_name() + " may read");
    while (!line.empty() && line.back() == '\r')
        line.pop_back();
    check(line);
    return line;
}

std::string passphrase_from_terminal(const std::string& what)
{
    const std::unique_ptr<std::FILE, Close> terminal(std::fopen("/dev/tty", "r+e"));
    if (terminal == nullptr)
        throw Failure(wrong_usage,
                      "there is no terminal to ask for the passphrase; put it in a file: --passphrase-file FILE");
    auto first = ask(terminal.get(), "Passphrase for " + what);
    check(first);
    if (ask(terminal.get(), "The same once more") != first)
        throw Failure(wrong_usage, "the two passphrases differ; nothing was changed");
    return first;
}

boost::json::string json_text(const std::string& secret)
{
    boost::json::string text(secret);
    boost::system::error_code error;
    boost::json::parse(boost::json::serialize(text), error);
    if (error)
        throw Failure(wrong_usage, "what was given is no UTF-8 text");
    return text;
}

} // namespace paravent::cli
