#include "rules/ruleset.hpp"

#include "rules/conditions.hpp"
#include "rules/domains.hpp"
#include "rules/filter.hpp"
#include "rules/pattern.hpp"

#include <re2/re2.h>

#include <deque>
#include <functional>
#include <set>
#include <unordered_map>

namespace paravent::rules {
namespace {

/// The name behind || where it is whole: what ends it is no letter of a name.
std::string_view anchored_host(const Filter& f)
{
    if (!f.host_anchored || f.regex)
        return {};
    const std::size_t end = f.pattern.find_first_of("/^:?");
    const std::string_view host = f.pattern.substr(0, end);
    if (end == std::string_view::npos || host.empty() || host.find('*') != std::string_view::npos)
        return {};
    return host;
}

} // namespace

struct Ruleset::Compiled
{
    struct List
    {
        std::string name;
        std::string category_name;
        Category category = Category::other;
        bool own = false;
        bool may_intercept = false;
    };
    struct Stored
    {
        Filter filter;
        std::unique_ptr<re2::RE2> expression;
        std::string id;
        std::string sentence;
        std::size_t list = 0;
        std::uint32_t line = 0;
        TypeMask types = 0;
    };

    std::deque<std::string> strings; // what the views of the filters point into
    std::vector<List> lists;
    std::vector<Stored> rules;
    std::unordered_map<std::string_view, std::vector<std::uint32_t>> by_host;
    std::vector<std::uint32_t> others;
    std::set<std::string, std::less<>> scope;

    std::string_view keep(std::string_view s) { return s.empty() ? s : std::string_view{strings.emplace_back(s)}; }
    void read(const ListSource& source, ListReport& report);
    void add(const Filter& filter, std::size_t list, std::uint32_t line, std::string_view id, std::string_view sentence,
             ListReport& report);
    void drop_bad_filters();
    void index();
    Rule rule(std::uint32_t number) const;
    Action ruling(const Stored& stored, const Request& request) const;
    bool matches(const Stored& stored, const Request& request, const Url& url, const Circumstances& now) const;
};

void Ruleset::Compiled::add(const Filter& filter, std::size_t list, std::uint32_t line, std::string_view id,
                            std::string_view sentence, ListReport& report)
{
    Stored stored;
    Filter& f = stored.filter;
    f = filter;
    f.rewritten.clear();
    f.text = keep(filter.text);
    f.pattern = keep(filter.pattern);
    f.domains = keep(filter.domains);
    f.to = keep(filter.to);
    f.denyallow = keep(filter.denyallow);
    f.redirect = keep(filter.redirect);
    if (f.regex) {
        RE2::Options options(RE2::Quiet);
        options.set_case_sensitive(f.match_case);
        options.set_encoding(RE2::Options::EncodingLatin1);
        stored.expression = std::make_unique<re2::RE2>(std::string{f.pattern}, options);
        if (!stored.expression->ok()) {
            ++report.skipped;
            ++report.skipped_by["bad regex"];
            if (report.problems.size() < 100)
                report.problems.push_back(
                    {line, "the regular expression cannot be used: " + stored.expression->error()});
            return;
        }
    }
    stored.id = id.empty() ? std::to_string(line) : std::string{id};
    stored.sentence = sentence;
    stored.list = list;
    stored.line = line;
    stored.types = types_of(f, lists[list].own);
    rules.push_back(std::move(stored));
    ++report.rules;
}

void Ruleset::Compiled::read(const ListSource& source, ListReport& report)
{
    report.name = source.name;
    const std::size_t list = lists.size();
    lists.push_back({source.name, source.category_name, category_named(source.category_name), source.own,
                     source.own || source.may_intercept});
    std::string_view rest = source.text;
    if (rest.starts_with("\xef\xbb\xbf"))
        rest.remove_prefix(3);

    Filter filter;
    std::string_view id;
    std::string_view sentence;
    for (std::uint32_t line = 1; !rest.empty(); ++line) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view text = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (source.own && text.starts_with("!: ")) {
            std::string_view words = text.substr(3);
            id = next_name(words);
            sentence = words.empty() ? words : words.substr(1);
            continue;
        }
        auto reading = read_line(text, source.own, filter);
        if (reading.kind == LineReading::filter) {
            add(filter, list, line, id, sentence, report);
        } else if (reading.kind == LineReading::hosts) {
            std::string_view names = reading.names;
            while (!names.empty()) {
                const auto name = normal_host(next_name(names));
                if (!name)
                    continue;
                filter = Filter{};
                filter.text = text;
                filter.rewritten = *name + '^';
                filter.pattern = filter.rewritten;
                filter.host_anchored = filter.whole_host = true;
                add(filter, list, line, id, sentence, report);
            }
        } else if (reading.kind == LineReading::skipped) {
            ++report.skipped;
            ++report.skipped_by[std::string{reading.reason}];
            if (!reading.problem.empty() && report.problems.size() < 100)
                report.problems.push_back({line, std::move(reading.problem)});
        }
        id = sentence = {};
    }
}

void Ruleset::Compiled::drop_bad_filters()
{
    std::set<std::string, std::less<>> bad;
    for (const Stored& stored : rules)
        if (stored.filter.badfilter) {
            std::string text{stored.filter.text};
            for (const std::string_view spelling : {",badfilter", "badfilter,", "$badfilter"})
                if (const auto at = text.rfind(spelling); at != std::string::npos) {
                    text.erase(at, spelling.size());
                    break;
                }
            bad.insert(std::move(text));
        }
    if (!bad.empty())
        std::erase_if(rules, [&](const Stored& s) { return s.filter.badfilter || bad.contains(s.filter.text); });
}

void Ruleset::Compiled::index()
{
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
        const Filter& f = rules[i].filter;
        const std::string_view host = anchored_host(f);
        if (host.empty()) {
            others.push_back(i);
            continue;
        }
        by_host[host].push_back(i);
        const List& list = lists[rules[i].list];
        if (list.may_intercept && list.category != Category::meta_ai && !f.exception && !f.whole_host)
            scope.emplace(host);
    }
}

Rule Ruleset::Compiled::rule(std::uint32_t number) const
{
    const Stored& stored = rules[number];
    const List& list = lists[stored.list];
    return {.list = list.own ? "meta" : std::string_view{list.name},
            .id = stored.id,
            .text = stored.filter.text,
            .file = list.name,
            .line = stored.line,
            .category = list.category,
            .category_name = list.category_name,
            .sentence = stored.sentence};
}

/// Allow means: not asked.
Action Ruleset::Compiled::ruling(const Stored& stored, const Request& request) const
{
    const auto category = static_cast<std::size_t>(lists[stored.list].category);
    if (!stored.filter.not_intercepted)
        return request.rulings->ruling[category];
    return request.intercepted ? Action::allow : request.rulings->when_not_intercepted[category];
}

bool Ruleset::Compiled::matches(const Stored& stored, const Request& request, const Url& url,
                                const Circumstances& now) const
{
    const Filter& f = stored.filter;
    if (request.host_only ? !f.whole_host || !(f.unconditional() || f.every_type)
                          : !conditions_hold(f, stored.types, now))
        return false;
    return f.regex ? RE2::PartialMatch(url.exact, *stored.expression) : pattern_matches(f, url);
}

std::shared_ptr<const Ruleset> Ruleset::compile(std::span<const ListSource> lists, std::vector<ListReport>* reports)
{
    auto compiled = std::make_unique<Compiled>();
    std::vector<ListReport> made(lists.size());
    for (std::size_t i = 0; i < lists.size(); ++i)
        compiled->read(lists[i], made[i]);
    compiled->drop_bad_filters();
    compiled->index();
    if (reports != nullptr)
        *reports = std::move(made);
    return std::shared_ptr<const Ruleset>(new Ruleset(std::move(compiled)));
}

Ruleset::Ruleset(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Ruleset::~Ruleset() = default;

Verdict Ruleset::decide(const Request& request) const
{
    const Compiled& c = *compiled_;
    std::string exact{request.url};
    const std::size_t scheme = exact.find("://");
    const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
    const std::size_t end = std::min(exact.find_first_of("/?", begin), exact.size());
    std::size_t host_end = exact.find(':', exact.find(']', begin) < end ? exact.find(']', begin) : begin);
    host_end = std::min(host_end, end);
    exact.replace(begin, host_end - begin, request.host);
    std::string lower = exact;
    for (char& ch : lower)
        if (ch >= 'A' && ch <= 'Z')
            ch = static_cast<char>(ch + 32);
    const Url url{lower, exact, begin, begin + request.host.size()};
    const Circumstances now(request);

    constexpr std::uint32_t none = 0xffffffff;
    std::uint32_t important = none;
    std::uint32_t block = none;
    std::uint32_t exception = none;
    bool paths_block = false;
    bool paths_except = false;
    const auto consider = [&](std::uint32_t i, bool of_this_host) {
        const auto& stored = c.rules[i];
        if (!stored.filter.exception && c.ruling(stored, request) == Action::allow)
            return;
        if (of_this_host && !(stored.filter.whole_host && (stored.filter.unconditional() || stored.filter.every_type)))
            (stored.filter.exception ? paths_except : paths_block) = true;
        std::uint32_t& best = stored.filter.exception ? exception : stored.filter.important ? important : block;
        if (i < best && c.matches(stored, request, url, now))
            best = i;
    };
    for (const std::uint32_t i : c.others)
        consider(i, false);
    for (std::string_view host = request.host; !host.empty();) {
        if (const auto found = c.by_host.find(host); found != c.by_host.end())
            for (const std::uint32_t i : found->second)
                consider(i, true);
        const std::size_t dot = host.find('.');
        host.remove_prefix(dot == std::string_view::npos ? host.size() : dot + 1);
    }

    Verdict verdict;
    const std::uint32_t blocking = important != none ? important : block;
    if (important == none && exception != none) {
        verdict.rule = c.rule(exception);
        verdict.exception = true;
        if (block != none)
            verdict.overrode = c.rule(block);
    } else if (blocking != none) {
        verdict.rule = c.rule(blocking);
        verdict.action = c.ruling(c.rules[blocking], request);
        verdict.redirect = c.rules[blocking].filter.redirect;
    }
    verdict.needs_inside = request.host_only && (paths_block || (paths_except && blocking != none));
    return verdict;
}

bool Ruleset::in_scope(std::string_view host) const noexcept
{
    while (!host.empty()) {
        if (compiled_->scope.contains(host))
            return true;
        const std::size_t dot = host.find('.');
        host.remove_prefix(dot == std::string_view::npos ? host.size() : dot + 1);
    }
    return false;
}

std::size_t Ruleset::size() const noexcept
{
    return compiled_->rules.size();
}

} // namespace paravent::rules
