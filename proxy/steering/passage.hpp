#pragma once

#include "proxy/steering/redirection.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::steering {

/// How many packets that begin a connection were led to Paravent, and how many came there. Between the two the input
/// chain of another table may drop them: a firewall on this computer that knows nothing of Paravent's port.
struct Passage {
    std::uint64_t led = 0, came = 0;
};

/// The command that asks for it.
std::string_view ask_passage() noexcept;
/// From nft's answer. Zeros where it has no such counters.
Passage passage_in(std::string_view answer, Family family) noexcept;

/// How somebody lets that port in, with the usual firewalls.
std::string let_port_in(std::uint16_t port);

/// Whether what is led arrives, from one look to the next.
class Arrival {
public:
    /// True once several were led and none came, in two looks one after the other: the counters are not read at the
    /// same instant.
    bool is_lost(const Passage& now) noexcept;
    /// What was counted so far says nothing any more.
    void forget() noexcept;

private:
    Passage since_;    ///< when the last one came
    unsigned bad_ = 0; ///< looks in a row
    bool known_ = false;
};

} // namespace paravent::steering
