// The engine finds by hash what a walk over all rules finds.
#include "rules/conditions.hpp"
#include "rules/domains.hpp"
#include "rules/filter.hpp"
#include "rules/pattern.hpp"
#include "rules/ruleset.hpp"

#include <boost/test/unit_test.hpp>
#include <re2/re2.h>

#include <deque>
#include <random>

using namespace paravent::rules;

namespace {

/// The slow matcher: every rule in its order.
class Walk {
public:
    void add(std::string_view list)
    {
        std::uint32_t line = 0;
        while (!list.empty()) {
            const std::string_view text = list.substr(0, list.find('\n'));
            list.remove_prefix(std::min(text.size() + 1, list.size()));
            ++line;
            Filter& filter = filters_.emplace_back();
            const auto reading = read_line(text, false, filter);
            if (reading.kind == LineReading::filter &&
                (!filter.regex || RE2(std::string{filter.pattern}, RE2::Quiet).ok())) {
                lines_.push_back(line);
                continue;
            }
            filters_.pop_back();
            if (reading.kind == LineReading::hosts) {
                Filter& host = filters_.emplace_back();
                read_line(hosts_.emplace_back("||" + std::string{reading.names} + "^"), false, host);
                lines_.push_back(line);
            }
        }
    }

    /// Line of the deciding rule and whether it blocks; 0 where none.
    std::pair<std::uint32_t, bool> decide(const Request& request, const Url& url) const
    {
        std::uint32_t important = 0, block = 0, exception = 0, important_exception = 0;
        const Circumstances now(request);
        for (std::size_t i = filters_.size(); i-- > 0;) {
            const Filter& f = filters_[i];
            const bool matches =
                (request.host_only ? f.whole_host && f.unconditional() : conditions_hold(f, now)) &&
                (f.regex ? RE2::PartialMatch(std::string{url.exact}, expression(f)) : pattern_matches(f, url));
            if (matches)
                (f.exception   ? (f.important ? important_exception : exception)
                 : f.important ? important
                               : block) = lines_[i];
        }
        if (important_exception != 0)
            return {important_exception, false};
        if (important != 0)
            return {important, true};
        return exception != 0 ? std::pair{exception, false} : std::pair{block, block != 0};
    }

private:
    static const RE2& expression(const Filter& f)
    {
        static std::map<std::string, std::unique_ptr<RE2>, std::less<>> built;
        auto& e = built[(f.match_case ? "=" : "~") + std::string{f.pattern}];
        if (!e) {
            RE2::Options options(RE2::Quiet);
            options.set_case_sensitive(f.match_case);
            options.set_encoding(RE2::Options::EncodingLatin1);
            e = std::make_unique<RE2>(std::string{f.pattern}, options);
        }
        return *e;
    }

    std::deque<Filter> filters_;
    std::deque<std::string> hosts_; // bare names, written as ||host^
    std::vector<std::uint32_t> lines_;
};

/// Rules and URLs from a small stock of pieces, so that they meet often.
class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}

    std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
    template <std::size_t n>
    std::string_view one_of(const std::string_view (&pieces)[n])
    {
        return pieces[below(n)];
    }

    std::string host()
    {
        static constexpr std::string_view labels[] = {"ads", "www", "a", "facebook", "shop", "x-y", "track_1", "t"};
        static constexpr std::string_view suffixes[] = {"com", "net", "co.uk", "example", "github.io", "ads.com"};
        std::string host;
        for (std::size_t n = below(3); n > 0; --n)
            host += std::string{one_of(labels)} + '.';
        return host + std::string{one_of(labels)} + '.' + std::string{one_of(suffixes)};
    }

    std::string path()
    {
        static constexpr std::string_view pieces[] = {
            "/",  "ads",  "/tr", "?",   "id=", "&", "Banner", ".js",      "-",         "_",        "%20",        "1",
            "/a", ".gif", "=2",  "[x]", "|",   "^", "*",      "\xc3\xa9", "analytics", "Analytic", "/analytics1"};
        std::string path = "/";
        for (std::size_t n = below(8); n > 0; --n)
            path += one_of(pieces);
        return path;
    }

    std::string pattern()
    {
        static constexpr std::string_view pieces[] = {
            "/", "ads", "/tr", "?", "id=",      "*",         "banner",    ".js",
            "-", "_",   "^",   "1", "/a",       ".gif",      "Tr",        "^",
            "*", ".",   "com", "a", "analytic", "analytics", "/analytic", "/analyticsjs"};
        switch (below(12)) {
        case 0:
        case 1:
            return "||" + host() + "^";
        case 2:
            return "||" + host() + path();
        case 3:
            return "||" + host() + "^*" + path();
        case 4: {
            static constexpr std::string_view expressions[] = {
                R"(/\/ads\/.*\.js/)", R"(/^https?:\/\/ads\./)", R"(/[/?]tr[?=]/)",        R"(/-banner|\/a\//)",
                R"(/\.gif$/)",        R"(/\/tr\/?ads?-/)",      R"(/(ads|tr)\/+a{1,3}/)", R"(/\/1\/id=\d/)",
                R"(/(?!x)a/)",        R"(/\/analytics?/)",      R"(/=analytics[a-z]*1/)"};
            return std::string{one_of(expressions)};
        }
        case 5:
            return host();
        case 6:
            return "|https://" + host() + "/";
        default: {
            static constexpr std::string_view before[] = {"", "", "", "||", "|", "*", "||*"};
            static constexpr std::string_view behind[] = {"", "", "|", "*", "^", "^|"};
            std::string text{one_of(before)};
            for (std::size_t n = 1 + below(4); n > 0; --n)
                text += one_of(pieces);
            return text + std::string{one_of(behind)};
        }
        }
    }

    std::string rule()
    {
        static constexpr std::string_view simple[] = {
            "third-party",      "~third-party", "1p",       "script",       "~image",   "important",
            "match-case",       "xhr,image",    "document", "all",          "strict3p", "ping",
            "subdocument,ping", "method=post",  "strict1p", "~script,~font"};
        std::string text = below(6) == 0 ? "@@" : "";
        text += pattern();
        if (below(2) == 0)
            return text;
        text += '$';
        for (std::size_t n = below(3);; --n) {
            switch (below(8)) {
            case 0:
                text += "domain=" + names();
                break;
            case 1:
                text += "to=" + names();
                break;
            case 2:
                text += "denyallow=" + host();
                break;
            default:
                text += one_of(simple);
            }
            if (n == 0)
                return text;
            text += ',';
        }
    }

    std::string names()
    {
        std::string text;
        for (std::size_t n = below(3);; --n) {
            text += below(3) == 0 ? "~" : "";
            const std::string name = host();
            text += below(5) == 0 ? name.substr(0, name.find('.')) + ".*"
                                  : name.substr(below(2) == 0 ? 0 : name.find('.') + 1);
            if (n == 0)
                return text;
            text += '|';
        }
    }

    std::mt19937 engine_;
};

} // namespace

BOOST_AUTO_TEST_CASE(the_engine_and_a_walk_over_all_rules_agree_on_a_million_pairs)
{
    static constexpr std::string_view methods[] = {"GET", "POST", "PROPFIND"};
    const Rulings rulings = Rulings::all(Action::block);
    std::size_t pairs = 0;
    std::size_t blocked = 0;
    std::size_t different = 0;
    for (unsigned seed = 1; pairs < 1'000'000; ++seed) {
        Dice dice(seed);
        std::string list;
        const std::size_t rules = 1 + dice.below(120);
        for (std::size_t i = 0; i < rules; ++i)
            list += dice.rule() + '\n';
        Walk walk;
        walk.add(list);
        const ListSource source{"list", "ads", false, false, list};
        const auto engine = Ruleset::compile({&source, 1});
        for (int i = 0; i < 60; ++i, pairs += rules) {
            const std::string host = dice.host();
            const std::string page = dice.below(5) == 0 ? "" : dice.host();
            const std::string scheme = dice.below(4) == 0 ? "http" : "https";
            const std::string url = scheme + "://" + host + (dice.below(9) == 0 ? ":8080" : "") + dice.path();
            std::string lower = url;
            for (char& c : lower)
                c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            const std::size_t begin = scheme.size() + 3;
            Request request{.url = url,
                            .host = host,
                            .page_host = page,
                            .type = static_cast<Type>(dice.below(12)),
                            .method = dice.one_of(methods),
                            .host_only = false,
                            .intercepted = dice.below(2) == 0,
                            .rulings = &rulings};
            const std::string bare = "https://" + host + "/";
            Url parts{lower, url, begin, begin + host.size()};
            if (dice.below(5) == 0) {
                request.host_only = true;
                request.url = bare;
                parts = {bare, bare, 8, 8 + host.size()};
            }
            const auto [line, blocks] = walk.decide(request, parts);
            const Verdict verdict = engine->decide(request);
            blocked += blocks ? 1U : 0U;
            if ((verdict.rule.line != line || (verdict.action == Action::block) != blocks) && ++different <= 10)
                BOOST_TEST_MESSAGE("seed " << seed << ": " << request.url << " from " << page << " type "
                                           << name_of(request.type) << ' ' << request.method << " host_only "
                                           << request.host_only << ": walk says line " << line << ", engine line "
                                           << verdict.rule.line << ' ' << verdict.rule.text);
        }
    }
    BOOST_TEST(different == 0U);
    BOOST_TEST(blocked > 1000U);
}
