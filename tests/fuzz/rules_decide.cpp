// The first line is a URL, the rest a list: the engine decides as it does when the list comes in two halves.
#include "rules/domains.hpp"
#include "rules/parsed_url.hpp"
#include "rules/ruleset.hpp"

#include <cstdlib>

using namespace paravent::rules;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos)
        return 0;
    const std::string_view url = text.substr(0, end);
    const std::string_view list = text.substr(end + 1);
    const ParsedUrl parsed(url);
    const std::string host{parsed.host()};
    if (!host.empty() && normal_host(host) != host)
        std::abort();

    const Rulings rulings = Rulings::all(Action::block);
    const Request request{.url = parsed.text(),
                          .host = host,
                          .page_host = size % 3 == 0 ? std::string_view{} : std::string_view{"shop.example"},
                          .type = static_cast<Type>(size % 12),
                          .method = "GET",
                          .host_only = size % 7 == 0,
                          .intercepted = false,
                          .rulings = &rulings};
    const std::size_t half = std::min(list.find('\n', list.size() / 2), list.size());
    const ListSource one{"list", "ads", false, false, list};
    const ListSource two[] = {{"list", "ads", false, false, list.substr(0, half)},
                              {"list", "ads", false, false, list.substr(half)}};
    const auto together = Ruleset::compile({&one, 1});
    const auto apart = Ruleset::compile(two);
    const Verdict a = together->decide(request);
    const Verdict b = apart->decide(request);
    if (a.action != b.action || a.rule.text != b.rule.text || a.needs_inside != b.needs_inside)
        std::abort();
    return 0;
}
