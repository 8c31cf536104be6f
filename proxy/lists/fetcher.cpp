#include "proxy/lists/fetcher.hpp"

#include "proxy/files/file.hpp"
#include "proxy/helper/process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace paravent::lists {
namespace {

using helper::Clock;
using helper::Descriptor;
using helper::Output;
using helper::Pipe;
using helper::Process;
namespace fs = std::filesystem;

/// What the helper may take beyond the transfer itself: starting, reading the rules, handing over.
constexpr std::chrono::seconds beyond{30};

FetchReply fault(std::string words)
{
    FetchReply reply;
    reply.error = std::move(words);
    return reply;
}

std::string reason(int error)
{
    return std::generic_category().message(error);
}

std::string words_of_end(int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return "takes more computing time than a list may";
    if (WIFSIGNALED(status))
        return "could not be asked: the helper program was ended by signal " + std::to_string(WTERMSIG(status));
    return "could not be asked: the helper program ended too early, with status " + std::to_string(WEXITSTATUS(status));
}

/// Takes the helper's message and then the text, into the file.
FetchReply receive(Output& output, Process& process, const fs::path& file)
{
    std::string head;
    std::optional<FetchReply> reply;
    Descriptor out;
    std::size_t received = 0;
    std::string_view bytes;
    for (auto state = output.read(bytes);; state = output.read(bytes)) {
        if (state == Output::State::late)
            return fault("was too slow");
        if (state == Output::State::stopped)
            return fault("was not waited for: the service ends");
        if (state == Output::State::ended)
            break;
        if (!reply) {
            head.append(bytes);
            std::size_t length = 0;
            reply = read_reply(head, length);
            if (!reply)
                return fault("could not be asked: the helper program is another version's");
            if (length == 0) {
                reply.reset();
                continue;
            }
            if (reply->kind == FetchReply::Kind::text) {
                unlink(file.c_str());
                out.take(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
                if (out.get() < 0)
                    return fault("could not be kept: " + file.string() + ": " + reason(errno));
            }
            bytes = std::string_view(head).substr(length);
        }
        received += bytes.size();
        if (received > reply->length)
            return fault("could not be asked: the helper program says more than it announced");
        if (!bytes.empty() && !files::write_all(out.get(), bytes))
            return fault("could not be kept: " + file.string() + ": " + reason(errno));
    }
    const int status = process.wait_for_end(Clock::now() + std::chrono::seconds{5});
    if (!reply || received != reply->length || status != 0)
        return fault(words_of_end(status));
    if (out.get() >= 0 && fsync(out.get()) != 0)
        return fault("could not be kept: " + file.string() + ": " + reason(errno));
    return *reply;
}

} // namespace

fs::path helper_beside(const fs::path& program)
{
    return helper::program_beside(program, "paravent-fetch");
}

FetchReply run_helper(const fs::path& helper, const FetchRequest& request, const fs::path& file,
                      const std::stop_token& stop)
{
    Pipe question, answer;
    if (!question.open() || !answer.open())
        return fault("could not be asked: " + reason(errno));
    Process process;
    if (const int error = process.start(helper, question.reading.get(), answer.writing.get()); error != 0)
        return fault("could not be asked: " + helper.string() + " cannot be started (" + reason(error) +
                     "); it is installed beside paravent");
    question.reading.close();
    answer.writing.close();
    // Less than a pipe holds, so this does not wait; a helper that has ended already is seen by its output.
    (void)files::write_all(question.writing.get(), text_of(request));
    question.writing.close();
    Output output(answer.reading.get(), Clock::now() + request.whole + beyond, stop);
    auto reply = receive(output, process, file);
    if (reply.kind != FetchReply::Kind::text)
        unlink(file.c_str());
    return reply;
}

} // namespace paravent::lists
