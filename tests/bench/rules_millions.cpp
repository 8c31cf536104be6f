// More rules than anybody has: ten million of several kinds in one list, then lists beyond what there is room for.
// build/release/tests/bench/bench_rules_millions [MILLIONS]; ends with 1 where a count is wrong.
#include "rules/ruleset.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

using namespace paravent::rules;

namespace {

bool right = true;

void expect(bool holds, const char* what)
{
    if (!holds)
        std::printf("WRONG: %s\n", what);
    right = right && holds;
}

double peak_mb()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::shared_ptr<const Ruleset> compile(const char* name, const std::string& text, ListReport& report)
{
    const ListSource source{"list", "ads", false, false, text};
    std::vector<ListReport> reports;
    const double before = peak_mb();
    const std::clock_t start = std::clock(); // of this program: others run on the same machine
    auto rules = Ruleset::compile({&source, 1}, &reports);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    report = std::move(reports.front());
    std::printf("%-36s text %5.0f MB, %9zu rules, %9zu skipped, %5.1f s, peak %5.0f MB more than before\n", name,
                static_cast<double>(text.size()) / 1e6, report.rules, report.skipped, seconds, peak_mb() - before);
    for (const auto& [reason, count] : report.skipped_by)
        std::printf("    %s: %zu\n", reason.c_str(), count);
    return rules;
}

bool blocks(const Ruleset& rules, std::string_view host, std::string_view url)
{
    static const Rulings rulings = Rulings::all(Action::block);
    return rules
               .decide({.url = url,
                        .host = host,
                        .page_host = "shop.example",
                        .type = Type::script,
                        .method = "GET",
                        .host_only = false,
                        .intercepted = false,
                        .rulings = &rulings})
               .action == Action::block;
}

} // namespace

int main(int argc, char** argv)
{
    const std::size_t millions = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 10;
    const std::size_t count = millions * 1'000'000;
    ListReport report;
    {
        std::string text;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string n = std::to_string(i);
            text += i % 2 == 0   ? "||h" + n + ".example^\n"
                    : i % 4 == 1 ? "||a.example/p" + n + "/\n"
                                 : "/x" + n + "/y*\n";
        }
        const auto rules = compile("hosts, paths of one host, patterns", text, report);
        expect(report.rules + report.skipped == count, "every line is counted");
        expect(report.skipped == 0 && rules->size() == count, "ten million rules are kept");
        expect(blocks(*rules, "www.h0.example", "https://www.h0.example/"), "a host decides");
        expect(blocks(*rules, "a.example", "https://a.example/p1/"), "a path decides");
        expect(blocks(*rules, "b.example", "https://b.example/x3/y"), "a pattern decides");
        expect(!blocks(*rules, "b.example", "https://b.example/x4/y"), "no other does");
    }
    {
        // Long lines: the room ends before the list does.
        std::string line = "/y$domain=";
        while (line.size() < 60'000)
            line += "site" + std::to_string(line.size()) + ".example|";
        line += "end.example\n";
        std::string text = "||first.example^\n";
        while (text.size() < std::size_t{600} << 20)
            text += line;
        const auto rules = compile("600 MB of long rules", text, report);
        expect(report.skipped_by["too many rules"] > 0, "what has no room is counted");
        expect(report.rules == rules->size(), "what is counted as a rule is kept");
        expect(blocks(*rules, "first.example", "https://first.example/"), "what came first decides");
    }
    return right ? 0 : 1;
}
