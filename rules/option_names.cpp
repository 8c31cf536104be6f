#include "rules/option_names.hpp"

#include <algorithm>

namespace paravent::rules {
namespace {

constexpr auto m = [](auto... types) { return static_cast<TypeMask>((mask_of(types) | ...)); };

constexpr KnownOption known_options[] = {
    {"third-party", Option::third},
    {"3p", Option::third},
    {"first-party", Option::first},
    {"1p", Option::first},
    {"strict-third-party", Option::strict_third},
    {"strict3p", Option::strict_third},
    {"strict-first-party", Option::strict_first},
    {"strict1p", Option::strict_first},
    {"domain", Option::domain},
    {"from", Option::domain},
    {"to", Option::to},
    {"denyallow", Option::denyallow},
    {"script", Option::type, m(Type::script)},
    {"image", Option::type, m(Type::image)},
    {"img", Option::type, m(Type::image)},
    {"xmlhttprequest", Option::type, m(Type::xmlhttprequest)},
    {"xhr", Option::type, m(Type::xmlhttprequest)},
    {"fetch", Option::type, m(Type::xmlhttprequest)},
    {"subdocument", Option::type, m(Type::subdocument)},
    {"frame", Option::type, m(Type::subdocument)},
    {"stylesheet", Option::type, m(Type::stylesheet)},
    {"css", Option::type, m(Type::stylesheet)},
    {"document", Option::type, m(Type::document)},
    {"doc", Option::type, m(Type::document)},
    {"font", Option::type, m(Type::font)},
    {"media", Option::type, m(Type::media)},
    {"object", Option::type, m(Type::object)},
    {"object-subrequest", Option::type, m(Type::object)},
    {"ping", Option::type, m(Type::ping)},
    {"beacon", Option::type, m(Type::ping)},
    {"websocket", Option::type, m(Type::websocket)},
    {"other", Option::type, m(Type::other)},
    {"all", Option::all},
    {"important", Option::important},
    {"badfilter", Option::badfilter},
    {"match-case", Option::match_case},
    {"method", Option::method},
    {"redirect", Option::redirect},
    {"rewrite", Option::redirect},
    {"empty", Option::empty},
    {"mp4", Option::mp4},
    {"popup", Option::popup},
    {"popunder", Option::popup},
    {"not-intercepted", Option::not_intercepted},
    {"_", Option::nothing},
    {"cname", Option::nothing},
    {"reason", Option::nothing},
    {"webrtc", Option::page},
    {"inline-script", Option::page},
    {"inline-font", Option::page},
    {"elemhide", Option::page},
    {"ehide", Option::page},
    {"generichide", Option::page},
    {"ghide", Option::page},
    {"specifichide", Option::page},
    {"shide", Option::page},
    {"genericblock", Option::page},
    {"jsinject", Option::page},
    {"content", Option::page},
    {"urlblock", Option::page},
    {"extension", Option::page},
    {"stealth", Option::page},
    {"csp", Option::modifier},
    {"permissions", Option::modifier},
    {"removeparam", Option::modifier},
    {"queryprune", Option::modifier},
    {"removeheader", Option::modifier},
    {"redirect-rule", Option::modifier},
    {"replace", Option::modifier},
    {"cookie", Option::modifier},
    {"hls", Option::modifier},
    {"jsonprune", Option::modifier},
    {"xmlprune", Option::modifier},
    {"urltransform", Option::modifier},
    {"uritransform", Option::modifier},
    {"urlskip", Option::modifier},
    {"referrerpolicy", Option::modifier},
    {"header", Option::reply},
    {"ipaddress", Option::address},
    {"network", Option::address},
    {"client", Option::device},
    {"ctag", Option::device},
    {"app", Option::device},
    {"dnstype", Option::dns},
    {"dnsrewrite", Option::dns},
};

} // namespace

const KnownOption* find_option(std::string_view name) noexcept
{
    if (name.starts_with("__"))
        name = "_";
    const auto* const found = std::find_if(std::begin(known_options), std::end(known_options),
                                           [&](const KnownOption& k) { return k.name == name; });
    return found == std::end(known_options) ? nullptr : found;
}

} // namespace paravent::rules
