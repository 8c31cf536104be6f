#include "proxy/net/dial.hpp"

#include "proxy/net/signal.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <list>
#include <netinet/tcp.h>

namespace paravent::net {
namespace {

using Endpoint = asio::ip::tcp::endpoint;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr Millis attempt_delay{250};
/// How often it is seen whether somebody still waits.
constexpr Millis look{500};
constexpr std::size_t most_addresses = 8;

/// IPv6 first, then the families in turn (RFC 8305, section 4).
std::vector<Address> in_turn(const std::vector<Address>& given)
{
    std::vector<Address> six, four, all;
    for (const auto& address : given)
        (address.is_v6() ? six : four).push_back(address);
    for (std::size_t i = 0; i < std::max(six.size(), four.size()); ++i) {
        if (i < six.size())
            all.push_back(six[i]);
        if (i < four.size())
            all.push_back(four[i]);
    }
    if (all.size() > most_addresses)
        all.resize(most_addresses);
    return all;
}

/// Connection attempts side by side; the first that succeeds wins.
class Race final : private Wait {
public:
    Race(DialTools tools, std::vector<Endpoint> endpoints)
        : Wait(tools.deadlines), tools_(tools), endpoints_(std::move(endpoints)), timer_(tools.context.get_executor()),
          quiet_(tools.signals)
    {
    }

    awaitable<result<Socket>> run(Millis limit)
    {
        until_ = coarse_now() + limit.count();
        due_in(std::min(limit, look));
        start_next();
        co_await quiet_.wait();
        if (winner_)
            co_return std::move(*winner_);
        co_return expired_ ? error_code(Error::timeout) : error_code(Error::connect);
    }

private:
    void expire() override
    {
        const bool left = tools_.waiter && tools_.waiter->ended();
        if (!left && coarse_now() < until_)
            return due_in(std::min(look, Millis(until_ - coarse_now())));
        expired_ = true;
        next_ = endpoints_.size();
        end_attempts();
    }

    void start_next()
    {
        while (next_ < endpoints_.size() && !winner_) {
            const Endpoint endpoint = endpoints_[next_++];
            const auto attempt = attempts_.emplace(attempts_.end(), tools_.context.get_executor());
            error_code error;
            attempt->open(endpoint.protocol(), error);
            if (error) {
                attempts_.erase(attempt);
                continue; // no such family here, or no descriptor left
            }
            ++waiting_;
            attempt->async_connect(endpoint, [this, attempt](error_code failed) {
                --waiting_;
                ended(attempt, failed);
            });
            if (next_ < endpoints_.size())
                start_timer();
            return;
        }
        leave_if_quiet();
    }

    void start_timer()
    {
        ++waiting_;
        timer_.expires_after(attempt_delay);
        timer_.async_wait([this](error_code cancelled) {
            --waiting_;
            if (!cancelled)
                start_next();
            leave_if_quiet();
        });
    }

    void ended(std::list<Socket>::iterator attempt, error_code failed)
    {
        if (!failed && !winner_ && !expired_) {
            winner_.emplace(std::move(*attempt));
            attempts_.erase(attempt);
            end_attempts();
        } else {
            attempts_.erase(attempt);
            if (!winner_ && !expired_) {
                timer_.cancel();
                start_next();
            }
        }
        leave_if_quiet();
    }

    void end_attempts()
    {
        timer_.cancel();
        for (auto& attempt : attempts_) {
            error_code ignored;
            attempt.close(ignored);
        }
    }

    void leave_if_quiet()
    {
        const bool no_more = winner_ || next_ >= endpoints_.size();
        if (waiting_ == 0 && no_more && !left_) {
            left_ = true;
            quiet_.set();
        }
    }

    DialTools tools_;
    std::vector<Endpoint> endpoints_;
    Timer timer_;
    std::list<Socket> attempts_;
    std::optional<Socket> winner_;
    std::size_t next_ = 0;
    std::int64_t until_ = 0;
    int waiting_ = 0; ///< handlers that hold `this`
    bool expired_ = false, left_ = false;
    Signal quiet_;
};

awaitable<result<std::unique_ptr<Stream>>> connect(DialTools tools, std::vector<Endpoint> endpoints, Millis limit)
{
    Race race(tools, std::move(endpoints));
    auto socket = co_await race.run(limit);
    if (!socket)
        co_return socket.error();
    error_code ignored;
    socket->native_non_blocking(true, ignored);
    socket->set_option(asio::ip::tcp::no_delay(true), ignored);
    co_return std::make_unique<Stream>(std::move(*socket), tools.deadlines);
}

} // namespace

awaitable<result<std::unique_ptr<Stream>>> dial(DialTools tools, std::string host, std::uint16_t port,
                                                const Destinations* destinations, Millis limit)
{
    std::vector<Address> addresses;
    error_code no_number;
    if (const auto number = asio::ip::make_address(host, no_number); !no_number) {
        addresses.push_back(unmapped(number));
    } else {
        const auto found = co_await tools.resolver.resolve(host);
        if (!found)
            co_return found.error();
        addresses = in_turn(**found);
    }
    std::vector<Endpoint> endpoints;
    error_code refusal = Error::dns;
    for (const auto& address : addresses) {
        const auto error = destinations ? destinations->judge(address, port) : error_code{};
        if (error)
            refusal = error;
        else
            endpoints.emplace_back(address, port);
    }
    if (endpoints.empty())
        co_return refusal;
    co_return co_await connect(tools, std::move(endpoints), limit);
}

} // namespace paravent::net
