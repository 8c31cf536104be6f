#pragma once

#include "proxy/server/local_site.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace paravent::dashboard {

/// Why a request is not done; becomes an RFC 9457 problem document.
struct Problem {
    unsigned status = 400;
    std::string detail; ///< a sentence that names the thing and the way out
};
template <class T>
using result = boost::system::result<T, Problem>;

/// A JSON text with numbers as people write them ("59.5", not "5.95E1"), always valid UTF-8; control characters and
/// marks that change the writing direction are escaped, so that it is inert in a terminal too.
std::string text_of(const boost::json::value& value);

server::LocalReply json_reply(const boost::json::value& value, unsigned status = 200);
server::LocalReply problem_reply(const Problem& problem);
server::LocalReply text_reply(std::string_view type, std::string body);
/// 204.
server::LocalReply done_reply();

} // namespace paravent::dashboard
