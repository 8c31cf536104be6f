// What comes before a decision: the URL as patterns expect it.
#include "rules/decision.hpp"
#include "rules/parsed_url.hpp"

namespace paravent::rules {
namespace {

[[gnu::noinline]] Verdict decide_about(const Ruleset::Compiled& compiled, const Request& request, std::string_view url,
                                       std::size_t host_begin)
{
    UrlText text(url, host_begin, request.host.size());
    Decision decision(compiled, request, text);
    decision.ask();
    return decision.verdict();
}

/// The port of the scheme, written out (":443"): patterns expect it to be left out, as browsers do.
std::size_t usual_port_size(std::string_view url, std::size_t at) noexcept
{
    const bool secure = url.starts_with("https:") || url.starts_with("wss:");
    const std::string_view port = secure ? ":443" : ":80";
    const std::size_t end = at + port.size();
    return url.compare(at, port.size(), port) == 0 && (end >= url.size() || url[end] == '/' || url[end] == '?')
               ? port.size()
               : 0;
}

/// The same URL with its host in normal form and without the scheme's own port.
[[gnu::noinline]] Verdict decide_rewritten(const Ruleset::Compiled& compiled, const Request& request,
                                           std::string_view url, std::size_t begin)
{
    const std::size_t end = std::min(url.find_first_of("/?#", begin), url.size());
    std::size_t host_end = begin;
    if (begin < end && url[begin] == '[')
        host_end = std::min(url.find(']', begin), end - 1) + 1;
    else
        host_end = std::min(url.find(':', begin), end);
    std::array<char, longest_url> rewritten; // not set before it is used
    std::size_t size = 0;
    for (const std::string_view part :
         {url.substr(0, begin), request.host, url.substr(host_end + usual_port_size(url, host_end))}) {
        const std::size_t n = std::min(part.size(), rewritten.size() - size);
        std::memcpy(rewritten.data() + size, part.data(), n);
        size += n;
    }
    return decide_about(compiled, request, {rewritten.data(), size}, begin);
}

} // namespace

Verdict Ruleset::decide(const Request& request) const
{
    const std::string_view url = request.url.substr(0, longest_url);
    const std::size_t authority = behind_scheme(url);
    std::size_t begin = authority;
    if (begin < url.size() && url[begin] == '[' && request.host.find(':') != std::string_view::npos)
        ++begin;
    const std::size_t end = begin + request.host.size();
    if (url.compare(begin, request.host.size(), request.host) == 0 &&
        (end == url.size() || url[end] == '/' || url[end] == '?' || url[end] == ']' ||
         (url[end] == ':' && usual_port_size(url, end) == 0)))
        return decide_about(*compiled_, request, url, begin);
    return decide_rewritten(*compiled_, request, url, authority);
}

} // namespace paravent::rules
