// Any bytes as a list: read, filed and asked once; the counts stay those of the text.
#include "rules/ruleset.hpp"

#include <cstdlib>

using namespace paravent::rules;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const ListSource source{"list", "ads", size % 2 == 0, false, text};
    std::vector<ListReport> reports;
    const auto rules = Ruleset::compile({&source, 1}, &reports);
    if (rules->size() > reports.at(0).rules || reports[0].problems.size() > 100)
        std::abort();
    const Rulings rulings = Rulings::all(Action::block);
    const Request request{.url = "https://www.facebook.com/tr/?id=1&ads=/banner.gif",
                          .host = "www.facebook.com",
                          .page_host = "shop.example",
                          .type = Type::image,
                          .method = "GET",
                          .host_only = false,
                          .intercepted = false,
                          .rulings = &rulings};
    const Verdict verdict = rules->decide(request);
    if (verdict.rule && (verdict.rule.text.empty() || verdict.rule.id.empty()))
        std::abort();
    return 0;
}
