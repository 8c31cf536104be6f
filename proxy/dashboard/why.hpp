#pragma once

#include "proxy/dashboard/reply.hpp"
#include "proxy/policy/policy.hpp"
#include "proxy/tls/interception.hpp"
#include "rules/ruleset.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::dashboard {

/// "What would happen to this request, and why?"
struct Question {
    std::string_view url;                   ///< as a person types it: the scheme may be missing (https)
    std::string_view page;                  ///< URL or host of the page that asks for it; empty: unknown
    std::string_view type;                  ///< a filter type's name; empty: guessed from the path's ending
    std::string_view method = "GET";        ///< in capitals, as a client sends it
    std::vector<std::string> bypassed = {}; ///< hosts that are not decrypted though interception is on
};

/// A client that need not exist: what applies to a device described like this.
policy::Client client_of(policy::Device device, std::span<const policy::Exception> exceptions,
                         std::shared_ptr<const policy::Sites> sites = nullptr);
/// A device nobody described, by the home's settings.
policy::Device undescribed_device(const config::Settings& settings);

/// Leaves interception on only where something is decrypted for the device, and names the hosts whose apps refused.
void describe_interception(tls::Interception& interception, policy::Device& device, Question& question,
                           std::int64_t now_ms);

/// The `why` shape of interface.md, with "type" and, where an https connection is not decrypted, "outside": the verdict
/// on its host alone. There the verdict is the host's where that stops the connection; else the one on the whole URL,
/// and `needs_inside` says that it takes interception to make it true.
result<boost::json::object> explain(const rules::Ruleset& ruleset, const policy::Client& client,
                                    const Question& question, std::int64_t now_ms);

} // namespace paravent::dashboard
