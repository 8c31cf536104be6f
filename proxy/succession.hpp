#pragma once

#include <string_view>

/// What the two processes of an upgrade say to each other, each word a packet of a SOCK_SEQPACKET pair.
///
///     successor                          predecessor
///     reads settings, takes sockets
///     "state"       ->                   writes what is pending, gives up writing
///                   <-  "yours"
///     reads the state, serves
///     "ready"       ->                   stops accepting, drains, ends
///
/// The end of the channel without "ready" means that the successor failed.
namespace paravent::succession {

inline constexpr std::string_view asks_for_state = "state", gives_state = "yours", serves = "ready";
/// Its program could not be started; the number of the error follows.
inline constexpr std::string_view not_started = "errno ";

/// "CHANNEL LOCK": numbers of descriptors. It holds for the process that LISTEN_PID names.
inline constexpr const char* environment = "PARAVENT_PREDECESSOR";
inline constexpr int first_descriptor = 3; ///< of those handed on (SD_LISTEN_FDS_START)

} // namespace paravent::succession
