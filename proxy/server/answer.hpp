#pragma once

#include "proxy/server/exchange.hpp"
#include "proxy/server/judge.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace paravent::server {

/// An error of ours: a short sentence, `Paravent-Error: code` (interface.md, "Answers of the proxy").
net::awaitable<void> answer_error(Exchange& exchange, unsigned status, std::string_view code,
                                  std::string_view sentence);
/// 200 with JSON that pages of other origins may read. @param extra complete lines of ours
net::awaitable<void> answer_json(Exchange& exchange, std::string json, std::string extra);

/// How a failure to reach a destination is answered.
struct Failure {
    unsigned status;
    std::string_view code;
};
Failure failure_of(const boost::system::error_code& error) noexcept;

/// 403 with the rule; a page for a person, a sentence for a program; a server that reports conversions gets what Meta
/// says. @param events how many it reported
net::awaitable<void> answer_blocked(Connection& connection, Exchange& exchange, const Asked& asked,
                                    const Judgement& judgement, std::size_t events);
/// A script of ours on a host of Meta's, for a stand-in of ours; nothing in it comes from a rule.
net::awaitable<void> answer_script(Exchange& exchange, unsigned status, std::string script);
/// What the asker expects of Meta, so that pages and apps go on: an empty picture, a stand-in for a script, a nod.
net::awaitable<void> answer_instead(Connection& connection, Exchange& exchange, const Asked& asked,
                                    const Judgement& judgement);

} // namespace paravent::server
