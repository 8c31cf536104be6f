#include "proxy/dashboard/importing.hpp"

#include "proxy/dashboard/reply.hpp"

#include <boost/json.hpp>

#include <fcntl.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

namespace paravent::dashboard {
namespace {

using activity::MetaExport;
using helper::Output;

constexpr std::size_t most_output = 20 * 1024 * 1024; ///< the program itself stops at 16 MiB
constexpr std::chrono::hours whole{6};                ///< a large file over a slow network
constexpr std::chrono::seconds farewell{10};

/// What the program said, line by line.
class Answer {
public:
    /// False where it is not what it should say.
    bool take(std::string_view bytes)
    {
        taken_ += bytes.size();
        while (!bytes.empty()) {
            const auto end = bytes.find('\n');
            line_.append(bytes.substr(0, end));
            if (end == std::string_view::npos)
                return taken_ <= most_output;
            if (!take_line(std::exchange(line_, {})))
                return false;
            bytes.remove_prefix(end + 1);
        }
        return taken_ <= most_output;
    }

    std::string error;     ///< its sentence for a person
    bool nothing = false;  ///< the file is in order, but has none of Meta's list in it
    bool complete = false; ///< the last line came
    MetaExport content;

private:
    bool take_line(const std::string& line)
    {
        if (complete || !error.empty())
            return false;
        if (line.starts_with("{\"name\":")) {
            auto row = activity::read_row(line);
            if (!row || content.rows.size() >= activity::max_export_rows)
                return false;
            content.rows.push_back(std::move(*row));
            return true;
        }
        return take_last(line);
    }

    bool take_last(const std::string& line)
    try {
        const auto value = boost::json::parse(line);
        if (const auto* sentence = value.as_object().if_contains("error")) {
            error = sentence->as_string();
            nothing = value.as_object().contains("nothing");
            return !error.empty() && content.rows.empty();
        }
        const auto& end = value.at("end").as_object();
        content.source = end.at("source").as_string();
        content.zoned = end.at("zoned").as_bool();
        content.skipped = end.at("skipped").to_number<std::uint64_t>();
        content.parts.emplace_back(end.at("sha256").as_string());
        complete = content.parts.front().size() == 64 &&
                   (content.source == "facebook" || content.source == "instagram" || content.source == "both");
        return complete;
    } catch (const std::exception&) { // whatever is not as it should be
        return false;
    }

    std::string line_;
    std::size_t taken_ = 0;
};

std::string words_of_end(int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return "the file takes more computing time than an export may: nothing of it was kept";
    return "the file could not be read: the program for it ended " +
           (WIFSIGNALED(status) ? "by signal " + std::to_string(WTERMSIG(status))
                                : "with exit status " + std::to_string(WEXITSTATUS(status))) +
           ", and nothing of it was kept";
}

} // namespace

Importing::Importing(std::filesystem::path program, std::function<server::LocalReply(MetaExport&&)> keep)
    : program_(std::move(program)), keep_(std::move(keep))
{
}

Importing::~Importing()
{
    {
        const std::lock_guard lock(mutex_);
        reply_ = nullptr;
    }
    reading_.request_stop();
}

std::string Importing::start()
{
    if (!input_.open() || !output_.open())
        return "the file cannot be read now: " + std::generic_category().message(errno);
    if (const int error = process_.start(program_, input_.reading.get(), output_.writing.get()); error != 0)
        return "the file cannot be read: " + program_.string() + " cannot be started (" +
               std::generic_category().message(error) + "); it is installed beside paravent";
    input_.reading.close();
    output_.writing.close();
    (void)::fcntl(input_.writing.get(), F_SETFL, O_NONBLOCK);
    reading_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
    return {};
}

void Importing::end(std::function<void(server::LocalReply)> reply)
{
    input_.writing.close();
    const std::lock_guard lock(mutex_);
    reply_ = std::move(reply);
    ended_ = true;
    ending_.notify_all();
}

void Importing::read(const std::stop_token& stop)
{
    server::LocalReply reply;
    try {
        reply = outcome(stop);
    } catch (const std::exception& error) { // no memory for what the program says
        reply = problem_reply({500, std::string("the file was not kept: ") + error.what()});
    }
    const std::lock_guard lock(mutex_);
    if (reply_)
        std::exchange(reply_, nullptr)(std::move(reply));
}

/// What becomes of it. Waits for `end`: a file whose sender left half-way is not kept, whatever was in it.
server::LocalReply Importing::outcome(const std::stop_token& stop)
{
    Answer answer;
    bool good = true;
    {
        Output output(output_.reading.get(), helper::Clock::now() + whole, stop);
        std::string_view bytes;
        for (auto state = output.read(bytes); state != Output::State::ended; state = output.read(bytes)) {
            good = state == Output::State::bytes && answer.take(bytes);
            if (!good)
                break;
        }
    }
    const int status = good ? process_.wait_for_end(helper::Clock::now() + farewell) : process_.end();
    {
        std::unique_lock lock(mutex_);
        ending_.wait(lock, stop, [this] { return ended_; });
        if (!ended_)
            return {};
    }
    if (!answer.error.empty())
        return problem_reply({answer.nothing ? 422u : 400u, answer.error});
    if (!good)
        return problem_reply({400, "the file could not be read: it took too long, or the program for it said nonsense; "
                                   "nothing of it was kept"});
    if (status != 0 || !answer.complete)
        return problem_reply({400, words_of_end(status)});
    return keep_(std::move(answer.content));
}

} // namespace paravent::dashboard
