#include "proxy/steering/passage.hpp"

#include <charconv>

namespace paravent::steering {
namespace {

constexpr std::uint64_t several = 2; // one may have been on its way
constexpr unsigned looks = 2;

/// "counter NAME {" and, some blanks later, "packets N".
std::uint64_t packets_of(std::string_view answer, const std::string& name) noexcept
{
    std::uint64_t packets = 0;
    auto at = answer.find("counter " + name + " {");
    if (at == std::string_view::npos)
        return 0;
    constexpr std::string_view word = "packets ";
    at = answer.find(word, at);
    if (at != std::string_view::npos)
        std::from_chars(answer.data() + at + word.size(), answer.data() + answer.size(), packets);
    return packets;
}

} // namespace

std::string_view ask_passage() noexcept
{
    return "list counters table inet paravent\n";
}

Passage passage_in(std::string_view answer, Family family) noexcept
{
    const std::string number = family == Family::v4 ? "4" : "6";
    return {packets_of(answer, "led" + number), packets_of(answer, "came" + number)};
}

std::string let_port_in(std::uint16_t port)
{
    const auto text = std::to_string(port) + "/tcp";
    return "ufw allow " + text + ", or firewall-cmd --permanent --add-port=" + text +
           " and firewall-cmd --reload, or a line in /etc/nftables.conf";
}

bool Arrival::is_lost(const Passage& now) noexcept
{
    if (!known_ || now.came != since_.came || now.led < since_.led) { // loaded anew, it counts from zero
        since_ = now;
        known_ = true;
        bad_ = 0;
        return false;
    }
    bad_ = now.led - since_.led >= several ? bad_ + 1 : 0;
    return bad_ >= looks;
}

void Arrival::forget() noexcept
{
    *this = {};
}

} // namespace paravent::steering
