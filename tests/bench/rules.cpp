// What a decision costs. build/release/tests/bench/bench_rules [PASSES [ROW…]]; rows: both hosts own home growth.
// Data: rules_data.hpp. `growth` also writes the chart growth.svg where it is started.
#include "rules/ruleset.hpp"
#include "tests/bench/allocations.hpp"
#include "tests/bench/grown_lists.hpp"
#include "tests/bench/growth_chart.hpp"
#include "tests/bench/rules_data.hpp"

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

using namespace paravent::rules;
using Clock = std::chrono::steady_clock;

namespace {

const Rulings block_all = Rulings::all(Action::block);

/// One request as it comes from a client: nothing of it is parsed.
struct Raw {
    std::string url;
    std::string page;
    Type type;
};

std::vector<Raw> raw_requests()
{
    std::vector<Raw> all;
    const std::string text = rules_data::read("requests-28k.jsonl.gz");
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        all.push_back({rules_data::field(line, "url"), rules_data::field(line, "frameUrl"),
                       rules_data::type_of(rules_data::field(line, "cpt"))});
    }
    return all;
}

/// `allocated` counts what the decision alone asked for.
bool blocks(const Ruleset& rules, const Raw& raw, std::size_t* allocated = nullptr)
{
    const ParsedUrl url(raw.url);
    const ParsedUrl page(raw.page);
    const std::size_t before = allocated == nullptr ? 0 : allocations();
    const Request request{.url = url.text(),
                          .host = url.host(),
                          .page_host = page.host(),
                          .type = raw.type,
                          .method = "GET",
                          .host_only = false,
                          .intercepted = false,
                          .rulings = &block_all};
    const bool blocks = rules.decide(request).action == Action::block;
    if (allocated != nullptr)
        *allocated += allocations() - before;
    return blocks;
}

/// Time that this program had a core for: others run on the same machine.
double cpu_nanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double nanoseconds(Clock::duration d)
{
    return std::chrono::duration<double, std::nano>(d).count();
}

struct Figures {
    double load_ms;
    double live_mb;
    double mean_ns;
    double p50_ns;
    double p99_ns;
    std::size_t allocated; ///< times that the decisions of a pass asked for memory, after a first pass
    std::size_t rules;
    std::size_t blocked;
};

std::shared_ptr<const Ruleset> measure_load(const std::vector<ListSource>& sources, int passes, Figures& f)
{
    f.load_ms = 1e9;
    std::shared_ptr<const Ruleset> rules;
    for (int i = 0; i < passes; ++i) {
        rules.reset();
        malloc_trim(0);
        const auto before = mallinfo2();
        const double start = cpu_nanoseconds();
        rules = Ruleset::compile(sources);
        f.load_ms = std::min(f.load_ms, (cpu_nanoseconds() - start) / 1e6);
        const auto after = mallinfo2();
        f.live_mb = (static_cast<double>(after.uordblks) + static_cast<double>(after.hblkhd) -
                     static_cast<double>(before.uordblks) - static_cast<double>(before.hblkhd)) /
                    1e6;
    }
    f.rules = rules->size();
    return rules;
}

Figures measure(const std::vector<ListSource>& sources, const std::vector<Raw>& requests, int passes)
{
    Figures f{};
    const auto rules = measure_load(sources, std::min(passes, 10), f);
    for (const Raw& raw : requests) // warms up
        f.blocked += blocks(*rules, raw) ? 1U : 0U;
    for (const Raw& raw : requests)
        blocks(*rules, raw, &f.allocated);
    f.mean_ns = 1e9;
    for (int i = 0; i < passes; ++i) {
        std::size_t blocked = 0;
        const double start = cpu_nanoseconds();
        for (const Raw& raw : requests)
            blocked += blocks(*rules, raw) ? 1U : 0U;
        const double mean = (cpu_nanoseconds() - start) / static_cast<double>(requests.size());
        f.mean_ns = blocked == f.blocked ? std::min(f.mean_ns, mean) : 0;
    }
    // One request at a time, the best of the passes: what the request costs, not what else the machine did.
    std::vector<double> each(requests.size(), 1e9);
    for (int i = 0; i < passes; ++i)
        for (std::size_t k = 0; k < requests.size(); ++k) {
            const auto start = Clock::now();
            blocks(*rules, requests[k]);
            each[k] = std::min(each[k], nanoseconds(Clock::now() - start));
        }
    std::sort(each.begin(), each.end());
    f.p50_ns = each[each.size() / 2];
    f.p99_ns = each[each.size() * 99 / 100];
    return f;
}

void print(const std::string& name, const Figures& f)
{
    std::printf("%-32s %9zu %8zu %8.0f %8.0f %8.0f %9.1f %8.2f %8zu\n", name.c_str(), f.rules, f.blocked, f.mean_ns,
                f.p50_ns, f.p99_ns, f.load_ms, f.live_mb, f.allocated);
    std::fflush(stdout);
}

std::vector<ListSource> own_sources()
{
    std::vector<ListSource> own;
    for (const OwnList& list : own_lists())
        own.push_back({std::string{list.name}, std::string{list.name}, true, true, list.text});
    return own;
}

/// One request over and over, as the proxy asks: `decide` alone, with the words of the rule.
void print_one(const Ruleset& rules, const char* name, const Request& request, int passes)
{
    constexpr int times = 100'000;
    double best = 1e9;
    std::size_t letters = 0;
    for (int i = 0; i < passes; ++i) {
        const double start = cpu_nanoseconds();
        for (int k = 0; k < times; ++k)
            letters += rules.decide(request).rule.id.size();
        best = std::min(best, (cpu_nanoseconds() - start) / times);
    }
    std::printf("%-56s %8.0f ns   %s\n", name, best, letters == 0 ? "no rule" : "a rule");
}

/// Paravent's own lists, and what a home asks of them most.
void print_home(int passes)
{
    const auto rules = Ruleset::compile(own_sources());
    Request request{.url = "https://banking.sparkasse-example.de/",
                    .host = "banking.sparkasse-example.de",
                    .page_host = {},
                    .type = Type::other,
                    .method = "CONNECT",
                    .host_only = true,
                    .intercepted = false,
                    .rulings = &block_all};
    print_one(*rules, "own lists, a tunnel to a bank", request, passes);
    request.url = "https://connect.facebook.net/";
    request.host = "connect.facebook.net";
    print_one(*rules, "own lists, a tunnel to connect.facebook.net", request, passes);
    request.url = "https://www.facebook.com/";
    request.host = "www.facebook.com";
    print_one(*rules, "own lists, a tunnel to www.facebook.com", request, passes);
    request.host_only = false;
    request.method = "GET";
    request.type = Type::image;
    request.page_host = "www.shop.example";
    request.url = "https://www.facebook.com/tr/?id=1472749159700779&ev=PageView&dl=https%3A%2F%2Fwww.shop.example%2F"
                  "&rl=&if=false&ts=1700000000000&cd[value]=59.00&cd[currency]=EUR&sw=1920&sh=1080&v=2.9.176";
    print_one(*rules, "own lists, a pixel's event seen whole", request, passes);
}

void print_growth(const std::vector<ListSource>& both, const std::vector<Raw>& requests, int passes)
{
    const GrownLists grown({both[0].text, both[1].text});
    std::vector<std::string> copies;
    for (unsigned number = 1; number < 10; ++number)
        copies.push_back(grown.copy(number));
    std::vector<GrowthPoint> points;
    for (const std::size_t times : {1, 2, 5, 10}) {
        std::vector<ListSource> sources = both;
        for (std::size_t i = 0; i + 1 < times; ++i)
            sources.push_back({"copy", "ads", false, false, copies[i]});
        const Figures f = measure(sources, requests, times == 1 ? passes : std::min(passes, 5));
        print("EasyList + EasyPrivacy x " + std::to_string(times), f);
        points.push_back({times, f.rules, f.mean_ns});
    }
    std::fputs(growth_bars(points).c_str(), stdout);
    write_growth_svg(points, "growth.svg");
}

} // namespace

int main(int argc, char** argv)
{
    const int passes = argc > 1 ? std::max(1, std::atoi(argv[1])) : 10;
    const auto wanted = [&](std::string_view row) {
        return argc < 3 || std::any_of(argv + 2, argv + argc, [&](const char* a) { return row == a; });
    };
    if (!rules_data::present()) {
        std::printf("skipped: no lists in %s (PARAVENT_DATA)\n", rules_data::folder().c_str());
        return 0;
    }
    const auto requests = raw_requests();
    const std::string easylist = rules_data::read("easylist-202608130520.txt.gz");
    const std::string easyprivacy = rules_data::read("easyprivacy-202608130529.txt.gz");
    const std::vector<ListSource> both = {{"easylist", "ads", false, false, easylist},
                                          {"easyprivacy", "tracking", false, false, easyprivacy}};

    std::printf("%-32s %9s %8s %8s %8s %8s %9s %8s %8s\n", "lists", "rules", "blocked", "mean ns", "p50 ns", "p99 ns",
                "load ms", "live MB", "allocs");
    if (wanted("both"))
        print("EasyList + EasyPrivacy", measure(both, requests, passes));
    if (wanted("hosts")) {
        const std::string hosts = rules_data::read("hosts-140k.txt.gz");
        print("140,626 hosts", measure({{"hosts", "ads", false, false, hosts}}, requests, passes));
    }
    if (wanted("own"))
        print("Paravent's own", measure(own_sources(), requests, passes));
    if (wanted("home"))
        print_home(passes);
    if (wanted("growth"))
        print_growth(both, requests, passes);
}
