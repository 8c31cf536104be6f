#pragma once

#include "proxy/server/exchange.hpp"
#include "proxy/server/judge.hpp"

#include <boost/system/error_code.hpp>

#include <string_view>

namespace paravent::server {

/// An error of ours: a short sentence, `Paravent-Error: code` (interface.md, "Answers of the proxy").
net::awaitable<void> answer_error(Exchange& exchange, unsigned status, std::string_view code,
                                  std::string_view sentence);

/// How a failure to reach a destination is answered.
struct Failure {
    unsigned status;
    std::string_view code;
};
Failure failure_of(const boost::system::error_code& error) noexcept;

/// 403 with the rule; a page for a person, a sentence for a program.
net::awaitable<void> answer_blocked(Exchange& exchange, const Asked& asked, const Judgement& judgement);
/// What the asker expects of Meta, so that pages and apps go on: an empty picture, an empty script, a nod.
net::awaitable<void> answer_instead(Exchange& exchange, const Asked& asked, const Judgement& judgement);

} // namespace paravent::server
