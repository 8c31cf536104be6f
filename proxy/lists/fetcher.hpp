#pragma once

#include "proxy/lists/fetch_message.hpp"

#include <filesystem>
#include <stop_token>

namespace paravent::lists {

/// The helper program beside this one (`program`), or where packages put it.
std::filesystem::path helper_beside(const std::filesystem::path& program);

/// Starts the helper program and waits for what it says, at most for the request's time and a little. A new text goes
/// to `file` as it comes (0600, made anew, synced); it is whole where the reply says so and nowhere else.
/// One that is still running when `stop` is requested is ended.
FetchReply run_helper(const std::filesystem::path& helper, const FetchRequest& request,
                      const std::filesystem::path& file, const std::stop_token& stop);

} // namespace paravent::lists
