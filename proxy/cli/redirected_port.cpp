#include "proxy/cli/redirected_port.hpp"

#include "proxy/cli/reachable.hpp"
#include "proxy/net/alive.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>

#include <list>
#include <string>

namespace paravent::cli {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto within = std::chrono::seconds{1};

struct Question {
    explicit Question(asio::io_context& context) : socket(context) {}

    void ask(const config::Endpoint& endpoint)
    {
        socket.async_connect({asio::ip::make_address(endpoint.address), endpoint.port}, [this](error_code error) {
            if (error == asio::error::connection_refused)
                answer = Answer::nobody;
            if (!error)
                hear();
        });
    }

    void hear()
    {
        heard.resize(net::alive.size());
        asio::async_read(socket, asio::buffer(heard), [this](error_code error, std::size_t) {
            if (!error && heard == net::alive)
                answer = Answer::ours;
        });
    }

    asio::ip::tcp::socket socket;
    std::string heard;
    Answer answer = Answer::none;
};

} // namespace

std::vector<Answer> ask_redirected(std::span<const config::Endpoint> endpoints)
{
    asio::io_context context{1};
    std::list<Question> questions;
    for (const auto& endpoint : endpoints)
        questions.emplace_back(context).ask(from_here(endpoint));
    context.run_for(within);
    std::vector<Answer> answers;
    for (const auto& question : questions)
        answers.push_back(question.answer);
    return answers;
}

} // namespace paravent::cli
