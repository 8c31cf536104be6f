#include "proxy/wire/pac.hpp"

namespace paravent::wire {
namespace {

// Old engines (WinHTTP's) know JScript of 1999: var and plain loops alone.
constexpr std::string_view begin = "function FindProxyForURL(url, host) {\n";
constexpr std::string_view nowhere = "    return \"DIRECT\";\n}\n";

/// Private addresses, IPv4 and IPv6 (in brackets or not), as proxy/net/address has them.
constexpr std::string_view addresses =
    R"(/^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/)";
constexpr std::string_view addresses6 = R"(/^\[?(::1\]?$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/)";

std::string way_to(std::string_view proxy, std::span<const std::string> others)
{
    std::string way = "\"PROXY " + std::string(proxy);
    for (const auto& other : others)
        way += "; PROXY " + other;
    return way + "; DIRECT\"";
}

template <typename Texts>
std::string array_of(const Texts& texts)
{
    std::string out = "[";
    for (const auto& text : texts)
        out.append(out.size() == 1 ? "\"" : ", \"").append(text) += '"';
    return out + "]";
}

} // namespace

std::string pac_file(std::string_view proxy, std::span<const std::string> domains, std::span<const std::string> others)
{
    std::string out(begin);
    if (!proxy.empty())
        out += "    var domains = " + array_of(domains) +
               ";\n"
               "    host = host.toLowerCase();\n"
               "    for (var i = 0; i < domains.length; i++) {\n"
               "        if (host === domains[i] || dnsDomainIs(host, \".\" + domains[i]))\n"
               "            return " +
               way_to(proxy, others) +
               ";\n"
               "    }\n";
    return out.append(nowhere);
}

std::string pac_file_for_all(std::string_view proxy, std::span<const std::string> names,
                             std::span<const std::string_view> home_suffixes, std::span<const std::string> others)
{
    std::string out(begin);
    if (proxy.empty())
        return out.append(nowhere);
    const auto way = way_to(proxy, others);
    return out + "    var i, names = " + array_of(names) + ", home = " + array_of(home_suffixes) +
           ";\n"
           "    host = host.toLowerCase();\n"
           "    for (i = 0; i < names.length; i++)\n"
           "        if (host === names[i])\n"
           "            return " +
           way +
           ";\n"
           "    for (i = 0; i < home.length; i++)\n"
           "        if (host === home[i] || dnsDomainIs(host, \".\" + home[i]))\n"
           "            return \"DIRECT\";\n"
           "    if (isPlainHostName(host) && host.indexOf(\":\") < 0 || " +
           std::string(addresses) + ".test(host) || " + std::string(addresses6) +
           ".test(host))\n"
           "        return \"DIRECT\";\n"
           "    return " +
           way + ";\n}\n";
}

} // namespace paravent::wire
