#include "proxy/dashboard/backup.hpp"
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/dashboard/time.hpp"
#include "proxy/tls/core_dump.hpp"
#include "proxy/tls/signing.hpp"

#include <boost/json.hpp>

namespace paravent::dashboard {
namespace {

namespace json = boost::json;

json::array strings(const std::vector<std::string>& texts)
{
    json::array out;
    for (const auto& text : texts)
        out.emplace_back(text);
    return out;
}

json::object shape(const tls::Authority& authority)
{
    return {{"name", authority.name()},
            {"fingerprint", authority.fingerprint()},
            {"created", rfc3339(authority.created() * 1000)},
            {"not_after", rfc3339(authority.not_after() * 1000)},
            {"notice", text_or_null(authority.validity_notice(now_ms() / 1000))},
            {"domains", strings(authority.meta().domains)},
            {"names", strings(authority.box().domains)},
            {"certificate", tls::pem_of(authority.root())}};
}

struct Wish {
    bool renew = false;
    std::string passphrase; ///< for the root's key; empty: nobody wants it
};

result<Wish> wish_of(const json::object& body)
{
    Wish wish;
    if (const auto* renew = body.if_contains("renew")) {
        if (!renew->is_bool())
            return Problem{400, "renew: is true (a second authority beside the first) or false"};
        wish.renew = renew->get_bool();
    }
    if (const auto* passphrase = body.if_contains("passphrase"); passphrase != nullptr && !passphrase->is_null()) {
        if (passphrase->is_string())
            wish.passphrase = passphrase->get_string();
        if (auto problem = problem_with_passphrase(wish.passphrase); !problem.empty())
            return Problem{400, std::move(problem)};
    }
    return wish;
}

/// What a device proved to an authority that is gone is no proof any more.
void forget_old_proofs(const Parts& parts)
{
    const auto authorities = parts.interception.authorities();
    for (const auto& device : parts.policy.devices())
        if (!parts.interception.trust().choose(device.id, *authorities, now_ms()).proved)
            parts.policy.set_trust(device.id, policy::Device::Trust::unknown);
}

} // namespace

server::LocalReply get_authority(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    json::array items;
    const auto authorities = parts.interception.authorities();
    for (const auto& authority : *authorities)
        items.push_back(shape(*authority));
    auto page = page_of(std::move(items));
    page["problems"] = strings(parts.interception.problems());
    return json_reply(page);
}

server::LocalReply post_authority(const Parts& parts, const Call& call)
{
    if (const auto query = Query::parse(call.query, {}); !query)
        return problem_reply(query.error());
    const auto body = body_of(call.request, {"renew", "passphrase"});
    if (!body)
        return problem_reply(body.error());
    const auto wish = wish_of(*body);
    if (!wish)
        return problem_reply(wish.error());
    std::string root_key;
    const auto keep = [&](EVP_PKEY* key) {
        if (!wish->passphrase.empty())
            root_key = tls::encrypted_key(key, wish->passphrase);
    };
    const auto names = parts.settings()->dashboard.names;
    const auto now = now_ms() / 1000;
    try {
        const tls::NoCoreDump secret;
        const auto made =
            wish->renew ? parts.interception.renew(names, now, keep) : parts.interception.create(names, now, keep);
        auto out = shape(*made);
        if (!root_key.empty())
            out["root_key"] = root_key;
        return json_reply(out, 201);
    } catch (const tls::AuthorityError& error) {
        return problem_reply({409, error.what()});
    }
}

server::LocalReply delete_authority(const Parts& parts, const Call& call)
{
    const auto query = Query::parse(call.query, {"fingerprint"});
    if (!query)
        return problem_reply(query.error());
    const std::string fingerprint((*query)["fingerprint"]);
    // "?fingerprint=" is a slip, not a wish to lose all.
    if (!call.query.empty() && fingerprint.empty())
        return problem_reply({400, "fingerprint: empty; without any parameter all authorities are removed"});
    std::vector<std::string> removed;
    try {
        removed = parts.interception.remove(fingerprint);
    } catch (const tls::AuthorityError& error) {
        parts.interception.load(); // one of two may be gone
        return problem_reply({409, error.what()});
    }
    if (removed.empty())
        return problem_reply({404, fingerprint.empty()
                                       ? "there is no certificate authority to remove"
                                       : "no authority's fingerprint begins with " + fingerprint.substr(0, 100) +
                                             ": `paravent authority show` shows them"});
    forget_old_proofs(parts);
    (void)parts.interception.save(); // what stays of an authority that is gone proves nothing
    return json_reply({{"removed", strings(removed)}});
}

} // namespace paravent::dashboard
