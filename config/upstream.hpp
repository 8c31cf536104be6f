#pragma once

#include "config/settings.hpp"

namespace paravent::config {

/// Reads "http://user:password@host:port" or "socks5://…" into `out`; nothing where it is fine, else what is wrong with
/// it. The sentence never repeats the text, which may hold a password.
std::optional<std::string> read_upstream(std::string_view text, decltype(Settings::upstream)& out);

} // namespace paravent::config
