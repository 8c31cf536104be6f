// What a decision costs: EasyList and EasyPrivacy, 140,000 hosts, Paravent's own lists, and ten times the rules.
// build/release/tests/bench/bench_rules [passes [rows]]; data: rules_data.hpp.
#include "rules/ruleset.hpp"
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
        std::string url = rules_data::field(line, "url");
        all.push_back({url.substr(0, url.find('#')), rules_data::field(line, "frameUrl"),
                       rules_data::type_of(rules_data::field(line, "cpt"))});
    }
    return all;
}

bool blocks(const Ruleset& rules, const Raw& raw)
{
    const auto host = normal_host(rules_data::host_part(raw.url));
    const auto page = normal_host(rules_data::host_part(raw.page));
    const Request request{.url = raw.url,
                          .host = host ? std::string_view{*host} : std::string_view{},
                          .page_host = page ? std::string_view{*page} : std::string_view{},
                          .type = raw.type,
                          .method = "GET",
                          .host_only = false,
                          .intercepted = false,
                          .rulings = &block_all};
    return rules.decide(request).action == Action::block;
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
    double most_ns;
    std::size_t rules;
    std::size_t blocked;
};

Figures measure(const std::vector<ListSource>& sources, const std::vector<Raw>& requests, int passes)
{
    Figures f{};
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
    f.mean_ns = 1e9;
    for (int i = 0; i <= passes; ++i) { // the first pass warms up
        f.blocked = 0;
        const double start = cpu_nanoseconds();
        for (const Raw& raw : requests)
            f.blocked += blocks(*rules, raw) ? 1U : 0U;
        const double mean = (cpu_nanoseconds() - start) / static_cast<double>(requests.size());
        if (i > 0)
            f.mean_ns = std::min(f.mean_ns, mean);
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
    f.most_ns = each.back();
    return f;
}

void print(const char* name, const Figures& f)
{
    std::printf("%-32s %8zu %8zu %8.0f %8.0f %8.0f %8.0f %9.1f %8.2f\n", name, f.rules, f.blocked, f.mean_ns, f.p50_ns,
                f.p99_ns, f.most_ns, f.load_ms, f.live_mb);
    std::fflush(stdout);
}

/// The list with its words changed, so that its rules are others of the same kind.
std::string changed(const std::string& text, char letter)
{
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const std::size_t end = std::min(line.rfind('$'), line.size());
        std::size_t run = 0;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const bool word = i < end && ((line[i] >= 'a' && line[i] <= 'z') || (line[i] >= '0' && line[i] <= '9'));
            run = word ? run + 1 : 0;
            out += line[i];
            if (run == 3)
                out += letter;
        }
        out += '\n';
    }
    return out;
}

} // namespace

int main(int argc, char** argv)
{
    const int passes = argc > 1 ? std::max(1, std::atoi(argv[1])) : 10;
    const int rows = argc > 2 ? std::atoi(argv[2]) : 4;
    if (!rules_data::present()) {
        std::printf("skipped: no lists in %s (PARAVENT_DATA)\n", rules_data::folder().c_str());
        return 0;
    }
    const auto requests = raw_requests();
    const std::string easylist = rules_data::read("easylist-202608130520.txt.gz");
    const std::string easyprivacy = rules_data::read("easyprivacy-202608130529.txt.gz");
    const std::string hosts = rules_data::read("hosts-140k.txt.gz");

    std::printf("%-32s %8s %8s %8s %8s %8s %8s %9s %8s\n", "lists", "rules", "blocked", "mean ns", "p50 ns", "p99 ns",
                "most ns", "load ms", "live MB");
    const std::vector<ListSource> both = {{"easylist", "ads", false, false, easylist},
                                          {"easyprivacy", "tracking", false, false, easyprivacy}};
    const Figures one = measure(both, requests, passes);
    print("EasyList + EasyPrivacy", one);
    if (rows < 2)
        return 0;
    print("140,626 hosts", measure({{"hosts", "ads", false, false, hosts}}, requests, passes));
    std::vector<ListSource> own;
    for (const OwnList& list : own_lists())
        own.push_back({std::string{list.name}, std::string{list.name}, true, true, list.text});
    print("Paravent's own", measure(own, requests, passes));

    std::vector<std::string> copies;
    for (char letter = 'a'; letter < 'a' + 9; ++letter) {
        copies.push_back(changed(easylist, letter));
        copies.push_back(changed(easyprivacy, letter));
    }
    std::vector<ListSource> ten = both;
    for (const std::string& copy : copies)
        ten.push_back({"copy", "ads", false, false, copy});
    const Figures grown = measure(ten, requests, std::min(passes, 3));
    print("ten times EasyList + EasyPrivacy", grown);
    std::printf("growth: ten times the rules take %.2f times as long\n", grown.mean_ns / one.mean_ns);
}
