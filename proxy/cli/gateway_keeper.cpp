#include "proxy/cli/gateway_keeper.hpp"

#include "proxy/cli/gateway_door.hpp"
#include "proxy/cli/meta_addresses.hpp"
#include "proxy/cli/place.hpp"
#include "proxy/cli/redirected_port.hpp"
#include "proxy/cli/words.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/machine/nft.hpp"
#include "proxy/net/clients.hpp"
#include "proxy/notify.hpp"
#include "proxy/steering/passage.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace paravent::cli {
namespace {

using Clock = std::chrono::steady_clock;
using steering::Family;

constexpr auto look_every = std::chrono::seconds{1};
constexpr auto renew_every = std::chrono::seconds{5};
constexpr auto count_every = std::chrono::seconds{2};
/// Where a firewall drops what is led here, each try costs somebody a connection.
constexpr auto try_again_after = std::chrono::minutes{10};
/// To take the rules back; less than `gateway off` waits.
constexpr auto try_again_for = std::chrono::seconds{3};
static_assert(2 * renew_every < steering::lifetime);

std::string nft_trouble(const machine::NftResult& result)
{
    if (result.state == machine::NftResult::State::missing)
        return "nft is not installed: apt-get install nftables";
    return "nft refused the rules: " + dashboard::inert_lines(result.text);
}

std::string why_still_loaded(const machine::NftResult& result)
{
    return "the rules are still loaded (" +
           (result.state == machine::NftResult::State::missing ? nft_trouble(result)
                                                               : "nft: " + dashboard::inert_lines(result.text)) +
           "): `paravent gateway off` takes them back; they let everything pass after " +
           std::to_string(steering::lifetime.count()) + " seconds";
}

class Signals {
public:
    Signals()
    {
        sigset_t set;
        sigemptyset(&set);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP})
            sigaddset(&set, signal);
        ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
        fd_ = ::signalfd(-1, &set, SFD_CLOEXEC);
    }
    ~Signals() { ::close(fd_); }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    int fd() const noexcept { return fd_; }

private:
    int fd_;
};

/// The table, from its loading to its end.
class Table {
public:
    Table(const config::Settings& settings, const steering::Redirection& redirection)
        : redirection_(redirection), clients_(settings.proxy.clients)
    {
        if (const auto result = load(); result.state != machine::NftResult::State::done)
            throw Failure(failed, nft_trouble(result));
    }
    ~Table()
    {
        if (is_loaded_)
            take_back();
    }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    /// What nft said last.
    machine::NftResult take_back()
    {
        is_loaded_ = false;
        const auto until = Clock::now() + try_again_for;
        for (;;) {
            auto result = machine::nft(steering::remove_all());
            if (result.state != machine::NftResult::State::refused || Clock::now() >= until)
                return result;
            (void)::poll(nullptr, 0, 200); // killed, or in another one's way
        }
    }

    void look()
    {
        std::vector<config::Endpoint> asked;
        for (const auto& [family, endpoint] : endpoints())
            asked.push_back(endpoint);
        const auto answers = ask_redirected(asked);
        std::vector<Family> now;
        for (std::size_t i = 0; i < answers.size(); ++i)
            if (const auto family = endpoints()[i].first; is_open_after(family, answers[i]) && !is_held(family))
                now.push_back(family);
        for (const auto family : open_)
            if (!is_in(now, family))
                machine::nft(steering::close(family)); // at once: whatever came here now would be turned away
        const bool changed = now != open_;
        if (changed || !looked_)
            say(now);
        open_ = std::move(now);
        looked_ = true;
        if (changed || Clock::now() - renewed_ >= renew_every)
            renew();
        if (Clock::now() - counted_ >= count_every)
            count();
    }

    void take_found(const FoundAddresses& found)
    {
        found_ = steering::add_found(found.v4, found.v6);
        if (!found_.empty())
            machine::nft(found_);
    }

private:
    static bool is_in(const std::vector<Family>& families, Family family)
    {
        return std::ranges::find(families, family) != families.end();
    }

    /// What is silent once may be a short start or a busy moment.
    bool is_open_after(Family family, Answer answer)
    {
        auto& misses = misses_[static_cast<std::size_t>(family)];
        misses = answer == Answer::ours ? 0 : misses + 1;
        return answer == Answer::ours || (answer == Answer::none && misses < 2 && is_in(open_, family));
    }

    bool is_held(Family family) const { return Clock::now() < held_until_[static_cast<std::size_t>(family)]; }

    /// What is led to Paravent and does not come there goes its own way from the next look on.
    void count()
    {
        counted_ = Clock::now();
        if (open_.empty())
            return;
        const auto answer = machine::nft(steering::ask_passage());
        for (const auto family : open_) {
            const auto at = static_cast<std::size_t>(family);
            if (!arrivals_[at].is_lost(steering::passage_in(answer.text, family)))
                continue;
            arrivals_[at].forget();
            held_until_[at] = Clock::now() + try_again_after;
        }
    }

    machine::NftResult load() const { return machine::nft(steering::rules(redirection_)); }

    std::vector<std::pair<Family, config::Endpoint>> endpoints() const
    {
        std::vector<std::pair<Family, config::Endpoint>> all;
        if (redirection_.leads(Family::v4))
            all.emplace_back(Family::v4, *redirection_.v4);
        if (redirection_.leads(Family::v6))
            all.emplace_back(Family::v6, *redirection_.v6);
        return all;
    }

    void renew()
    {
        renewed_ = Clock::now();
        if (auto clients = clients_.now(); clients != redirection_.clients) { // the provider gave another prefix
            redirection_.clients = std::move(clients);
            machine::nft(steering::let_in(redirection_.clients));
        }
        const auto open = steering::keep_open(open_);
        if (open.empty() || machine::nft(open).state == machine::NftResult::State::done)
            return;
        // Another firewall's start ("flush ruleset") takes everybody's rules with it.
        auto result = load();
        if (result.state == machine::NftResult::State::done)
            result = machine::nft(open + found_);
        if (result.state != machine::NftResult::State::done)
            throw Failure(failed, nft_trouble(result));
        std::cout << "The rules were gone, by another program's doing; they are back." << std::endl;
    }

    void say(const std::vector<Family>& now) const
    {
        for (const auto& [family, endpoint] : endpoints()) {
            const std::string kind = family == Family::v4 ? "IPv4" : "IPv6", place = written(endpoint);
            const bool is = is_in(now, family), was = is_in(open_, family);
            if (is && !was)
                std::cout << "Paravent answers on " << place << ": " << kind << " is led there." << std::endl;
            else if (!is && was && is_held(family))
                std::cout << "What is led to " << place
                          << " does not come there: another firewall on this computer drops it. " << kind
                          << " goes its own way, and it is tried again in ten minutes. Let TCP port " << endpoint.port
                          << " in from the home (" << steering::let_port_in(endpoint.port) << ")." << std::endl;
            else if (!is && (was || !looked_))
                std::cout << "Paravent does not answer on " << place << ": " << kind
                          << " goes its own way until it does." << std::endl;
        }
    }

    steering::Redirection redirection_;
    const net::Clients clients_;
    std::vector<Family> open_;
    std::array<unsigned, 2> misses_{}; ///< in a row, for each family
    std::array<steering::Arrival, 2> arrivals_;
    std::array<Clock::time_point, 2> held_until_{};
    Clock::time_point counted_{};
    bool looked_ = false, is_loaded_ = true;
    std::string found_;
    Clock::time_point renewed_{};
};

} // namespace

int keep_gateway(const config::Settings& settings, const steering::Redirection& redirection,
                 std::vector<std::string> names)
{
    const Signals signals; // before any thread
    GatewayDoor door;
    {
        Table table(settings, redirection);
        MetaAddresses addresses(settings, std::move(names));
        table.look();
        std::cout << "The rules are in force as long as this runs; Ctrl-C or `paravent gateway off` takes them back."
                  << std::endl;
        notify("READY=1");
        for (bool on = true; on;) {
            std::array<pollfd, 2> waiting{{{signals.fd(), POLLIN, 0}, {door.fd(), POLLIN, 0}}};
            ::poll(waiting.data(), waiting.size(), static_cast<int>(std::chrono::milliseconds(look_every).count()));
            if (waiting[0].revents != 0 || (waiting[1].revents != 0 && door.asked_to_end())) {
                on = false;
                continue;
            }
            table.look();
            if (const auto found = addresses.fresh())
                table.take_found(*found);
        }
        notify("STOPPING=1");
        if (const auto result = table.take_back(); result.state != machine::NftResult::State::done)
            throw Failure(failed, why_still_loaded(result));
    }
    std::cout << "The rules are taken back." << std::endl;
    door.say_done();
    return 0;
}

} // namespace paravent::cli
