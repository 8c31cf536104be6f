#include "proxy/wire/pac.hpp"

namespace paravent::wire {

// Old engines (WinHTTP's) know JScript of 1999: var and plain loops alone.
std::string pac_file(std::string_view proxy, std::span<const std::string> domains, std::span<const std::string> others)
{
    std::string out = "function FindProxyForURL(url, host) {\n";
    if (proxy.empty())
        return out + "    return \"DIRECT\";\n}\n";
    std::string there = "\"PROXY " + std::string(proxy);
    for (const auto& other : others)
        there += "; PROXY " + other;
    there += "; DIRECT\"";
    if (domains.empty())
        return out +
               "    if (isPlainHostName(host) || host === \"127.0.0.1\" || host === \"localhost\")\n"
               "        return \"DIRECT\";\n"
               "    return " +
               there + ";\n}\n";
    out += "    var domains = [";
    for (std::size_t i = 0; i < domains.size(); ++i)
        out += (i == 0 ? "\"" : ", \"") + domains[i] + "\"";
    return out +
           "];\n"
           "    host = host.toLowerCase();\n"
           "    for (var i = 0; i < domains.length; i++) {\n"
           "        if (host === domains[i] || dnsDomainIs(host, \".\" + domains[i]))\n"
           "            return " +
           there +
           ";\n"
           "    }\n"
           "    return \"DIRECT\";\n"
           "}\n";
}

} // namespace paravent::wire
