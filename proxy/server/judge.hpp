#pragma once

#include "proxy/activity/event.hpp"
#include "proxy/server/connection.hpp"
#include "proxy/server/exchange.hpp"
#include "rules/ruleset.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::server {

/// A request as far as the proxy sees it. Views live as long as the exchange.
struct Asked {
    std::string_view method;
    std::string_view url;  ///< without fragment; "https://host/" where only the host is known
    std::string_view host; ///< normal form
    std::string_view page; ///< URL of the page (Referer, else Origin); empty where unknown
    rules::Type type = rules::Type::other;
    bool whole = false;       ///< the whole URL is known
    bool intercepted = false; ///< it comes, or would come, out of an intercepted connection
};

/// What a request carries beside its address, as far as it was read. Views live as long as the exchange.
struct Carried {
    std::string_view body() const noexcept { return inflated ? std::string_view(*inflated) : sent; }

    std::string_view sent;               ///< the body as it came
    std::optional<std::string> inflated; ///< where it came compressed
    std::string_view content_type;
    bool cut = false; ///< there was more of the body, or it could not be inflated
    std::string_view cookies;
};

/// What is done about it and who says so.
struct Judgement {
    rules::Action action = rules::Action::allow;
    rules::Verdict verdict;
    policy::SiteMode mode = policy::SiteMode::silent; ///< of the page's site, where the rules said `answer`
    std::string rule;                                 ///< "LIST/ID", "exception/ID", or empty
};

/// Whether it stays at home.
inline bool stops(const Judgement& judgement) noexcept
{
    return judgement.action == rules::Action::answer || judgement.action == rules::Action::block;
}

std::int64_t wall_clock_ms(); ///< Unix time

/// The host (normal form) of a page's URL; empty where there is none.
std::string page_host(std::string_view page);

/// The owner's exceptions first, then the rules.
Judgement judge(const Snapshot& snapshot, const policy::Client& client, const Asked& asked);

/// The request as the decoders take it. Its views are those of what it is made of.
activity::Seen seen_of(const Asked& asked, const Judgement& judgement, const Carried& carried);

/// Counts it, and where it concerns Meta records what was about to be told: in how many events.
std::size_t record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
                   const Carried& carried = {});
/// Records events of a request, with what was done about them.
void record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
            std::vector<activity::Event> events);

/// Judges and records, unless the device is left alone (profile off, or paused).
Judgement judge_and_record(Connection& connection, const Snapshot& snapshot, const policy::Client& client,
                           const Asked& asked);

/// The type of a request that is seen whole: Sec-Fetch-Dest, else Accept, else the path's ending.
rules::Type type_of(std::string_view path, const Fields& fields);

} // namespace paravent::server
