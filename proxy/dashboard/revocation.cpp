// The authorities' revocation lists, for whoever checks a certificate of theirs. They say nothing about the home.
#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/time.hpp"

#include <algorithm>

namespace paravent::dashboard {
namespace {

std::shared_ptr<const tls::Authority> authority_of(const Parts& parts, const std::string& id)
{
    const auto authorities = parts.interception.authorities();
    const auto found = std::ranges::find(*authorities, id, &tls::Authority::id);
    return found == authorities->end() ? nullptr : *found;
}

server::LocalReply crl_reply(std::string der)
{
    auto reply = text_reply("application/pkix-crl", std::move(der)); // RFC 2585, section 4.2
    reply.fields.emplace_back("Cache-Control", "max-age=3600");
    return reply;
}

server::LocalReply none(const std::string& id)
{
    return problem_reply({404, "no authority " + id.substr(0, 40) + " with such a revocation list is here"});
}

server::LocalReply crl_of(const Parts& parts, const std::string& id,
                          const tls::Issuer& (tls::Authority::*issuer)() const noexcept)
{
    const auto authority = authority_of(parts, id);
    if (!authority || ((*authority).*issuer)().crl.empty())
        return none(id);
    auto crl = parts.interception.crls().crl(*authority, ((*authority).*issuer)(), now_ms() / 1000);
    if (!crl)
        return problem_reply({503, "no revocation list can be signed now: " + crl.error().message()});
    return crl_reply(std::move(*crl));
}

} // namespace

server::LocalReply get_root_crl(const Parts& parts, const Call& call)
{
    const auto authority = authority_of(parts, call.name);
    return authority && authority->root_crl() != nullptr ? crl_reply(tls::der_of(authority->root_crl()))
                                                         : none(call.name);
}

server::LocalReply get_meta_crl(const Parts& parts, const Call& call)
{
    return crl_of(parts, call.name, &tls::Authority::meta);
}

server::LocalReply get_box_crl(const Parts& parts, const Call& call)
{
    return crl_of(parts, call.name, &tls::Authority::box);
}

} // namespace paravent::dashboard
