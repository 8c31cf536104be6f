#pragma once

#include "proxy/lists/fetch_message.hpp"

#include <string>

namespace paravent::fetch {

/// Asks for the URL by https (http only where the request says so, never behind an https address), follows a few
/// redirects, and puts a new text as it came (gzip or not) into `text`. `rules` and `length` of the reply are the
/// caller's.
lists::FetchReply transfer(const lists::FetchRequest& request, std::string& text);

} // namespace paravent::fetch
