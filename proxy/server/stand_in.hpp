#pragma once

#include "rules/request.hpp"
#include "rules/verdict.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace paravent::server {

/// What a request gets that does not go to Meta, and how that is said. The one place that knows: what is sent and what
/// `why` promises are the same.
struct StandIn {
    unsigned status = 200;
    std::string_view type; ///< of the content; empty where there is none
    std::string_view body;
    std::string_view name;  ///< for programs: "1x1 GIF"
    std::string_view words; ///< for people, behind "answered by Paravent": "with an empty picture (1x1 GIF)"
};

/// What the asker expects of Meta, so that pages and apps go on.
const StandIn& stand_in(rules::Category category, rules::Type type, std::string_view method) noexcept;

/// The body for so many events: Meta tells a server how many it got.
std::string body_of(const StandIn& given, std::size_t events);

/// A blocked request of anybody but a person: the body is a sentence that names the rule. A server at home that
/// reports conversions is told what Meta says of one event.
const StandIn& blocked_request(rules::Category category, std::string_view url) noexcept;
/// A blocked CONNECT.
const StandIn& blocked_tunnel() noexcept;

} // namespace paravent::server
