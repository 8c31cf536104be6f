#include "rules/compiled.hpp"
#include "rules/domains.hpp"
#include "rules/hashing.hpp"
#include "rules/packed_host.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace paravent::rules {
namespace {

constexpr std::size_t most_problems = 100;

/// Names that hosts files give to the computer itself.
constexpr std::string_view local_names[] = {
    "localhost",    "localhost.localdomain",   "local",        "broadcasthost",  "ip6-localhost", "ip6-loopback",
    "ip6-localnet", "ip6-mcastprefix",         "ip6-allnodes", "ip6-allrouters", "ip6-allhosts",  "localhost4",
    "localhost6",   "localhost6.localdomain6",
};

/// Whether `name` is in normal form for certain.
bool is_plainly_normal(std::string_view name) noexcept
{
    return !name.empty() && plainly_normal_size(name) == name.size();
}

/// The names of domain= and the like in normal form: `names` itself where they are, else a copy. What is no host
/// matches none and stays.
std::string_view normal_names(std::string_view names, std::string& copy)
{
    const auto needs_work = [](char c) { return (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; };
    if (std::ranges::none_of(names, needs_work))
        return names;
    while (!names.empty()) {
        const auto [name, negated] = next_value(names);
        const bool entity = name.ends_with(".*");
        const auto normal = normal_host(name.substr(0, name.size() - (entity ? 2 : 0)));
        copy += copy.empty() ? "" : "|";
        copy += negated ? "~" : "";
        copy += normal ? *normal : std::string{name};
        copy += entity && normal ? ".*" : "";
    }
    return copy;
}

/// Reads one list, line by line.
class ListReader {
public:
    ListReader(const ListSource& source, Ruleset::Compiled& compiled, PendingRules& pending, ListReport& report)
        : own_(source.own), compiled_(compiled), pending_(pending), report_(report)
    {
    }

    void read(std::string_view text);

private:
    void read_one(std::string_view line);
    bool read_plain_host(std::string_view line);
    void add_names(std::string_view names, std::string_view line);
    void add_host(std::string_view host, std::string_view line);
    void add_rule(const Filter& filter);
    void skip(std::string_view reason, std::string problem);
    void file(RuleRef ref, const Filter& filter);

    bool own_;
    Ruleset::Compiled& compiled_;
    PendingRules& pending_;
    ListReport& report_;
    std::uint32_t line_ = 0;
    std::string_view id_; // from the comment above the rule, in lists of our own
    std::string_view sentence_;
    Filter filter_;
};

void ListReader::skip(std::string_view reason, std::string problem)
{
    ++report_.skipped;
    if (const auto known = report_.skipped_by.find(reason); known != report_.skipped_by.end())
        ++known->second;
    else
        report_.skipped_by.emplace(reason, 1);
    if (!problem.empty() && report_.problems.size() < most_problems)
        report_.problems.push_back({line_, std::move(problem)});
}

void ListReader::file(RuleRef ref, const Filter& filter)
{
    if (ref == no_rule)
        return skip("too many rules", "there is no room for more rules");
    ++report_.rules;
    const std::string_view host = anchored_host(filter);
    if (host.empty()) {
        pending_.others.push_back(ref);
        return;
    }
    if (own_ && !filter.exception)
        compiled_.own_hosts.emplace(host);
    const std::uint32_t hash = hash_of_domain(host);
    if (filter.whole_host) {
        pending_.hosts.push_back({hash, ref});
        return;
    }
    std::uint32_t start = 0;
    for (std::size_t i = 0; i < 4 && host.size() + 1 + i < filter.pattern.size(); ++i) {
        const char c = filter.pattern[host.size() + 1 + i];
        if (c == '*' || c == '^' || static_cast<unsigned char>(c) >= 0x80)
            break;
        const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        start |= static_cast<std::uint32_t>(static_cast<unsigned char>(lower)) << (8 * i);
    }
    const std::uint64_t kind = std::hash<std::string_view>{}(host) << 32 ^ compiled_.lists.size() << 3 ^
                               (filter.exception ? 4U : 0U) ^ (filter.important ? 2U : 0U) ^
                               (filter.not_intercepted ? 1U : 0U);
    pending_.paths.push_back({hash, start, kind, ref});
    const auto& list = compiled_.lists.back();
    if (list.may_intercept && list.category != Category::meta_ai && !filter.exception)
        compiled_.scope.emplace(host);
}

void ListReader::add_rule(const Filter& filter)
{
    if (filter.badfilter) {
        pending_.bad.insert(identity_of(filter));
        return;
    }
    if (filter.regex)
        if (auto problem = Regexes::problem_with(filter.pattern); !problem.empty())
            return skip("bad regex", "the regular expression cannot be used: " + problem);
    StoredRule rule;
    rule.filter = filter;
    std::array<std::string, 3> normal;
    rule.filter.domains = normal_names(filter.domains, normal[0]);
    rule.filter.to = normal_names(filter.to, normal[1]);
    rule.filter.denyallow = normal_names(filter.denyallow, normal[2]);
    rule.id = id_;
    rule.sentence = sentence_;
    const RuleRef ref = compiled_.store.add(rule, line_);
    if (filter.regex && ref != no_rule)
        compiled_.regexes.add(ref);
    file(ref, filter);
}

void ListReader::add_host(std::string_view host, std::string_view line)
{
    if (!own_) {
        if (const RuleRef ref = compiled_.store.add_host(host, line, line_); ref != no_rule) {
            ++report_.rules;
            pending_.hosts.push_back({hash_of_domain(host), ref});
            return;
        }
    }
    filter_ = Filter{};
    filter_.text = line;
    filter_.rewritten = std::string{host} + '^';
    filter_.pattern = filter_.rewritten;
    filter_.host_anchored = filter_.whole_host = true;
    add_rule(filter_);
}

void ListReader::add_names(std::string_view names, std::string_view line)
{
    const bool several = names != line;
    while (true) {
        const std::string_view name = next_name(names);
        if (name.empty())
            return;
        if (std::ranges::find(local_names, name) != std::end(local_names))
            continue;
        if (is_plainly_normal(name)) {
            add_host(name, line);
            continue;
        }
        const auto normal = normal_host(name);
        if (!normal)
            skip("bad host", "\"" + std::string{name.substr(0, 80)} + "\" is no valid host");
        else if (!several || *normal != "0.0.0.0")
            add_host(*normal, line);
    }
}

/// The two kinds of line that make up most lists.
bool ListReader::read_plain_host(std::string_view line)
{
    if (own_ || !line.starts_with("||") || !line.ends_with('^'))
        return false;
    const std::string_view host = line.substr(2, line.size() - 3);
    if (!is_plainly_normal(host))
        return false;
    add_host(host, line);
    return true;
}

void ListReader::read_one(std::string_view line)
{
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (read_plain_host(line))
        return;
    if (own_ && line.starts_with("!: ")) {
        std::string_view words = line.substr(3);
        id_ = next_name(words);
        sentence_ = words.empty() ? words : words.substr(1);
        return;
    }
    auto reading = read_line(line, own_, filter_);
    if (reading.kind == LineReading::filter)
        add_rule(filter_);
    else if (reading.kind == LineReading::hosts)
        add_names(reading.names, line.substr(line.find_first_not_of(" \t"),
                                             line.find_last_not_of(" \t") + 1 - line.find_first_not_of(" \t")));
    else if (reading.kind == LineReading::skipped)
        skip(reading.reason, std::move(reading.problem));
    id_ = sentence_ = {};
}

void ListReader::read(std::string_view text)
{
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    while (!text.empty()) {
        ++line_;
        const std::size_t end = std::min(text.find('\n'), text.size());
        read_one(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

} // namespace

std::string_view anchored_host(const Filter& filter) noexcept
{
    if (!filter.host_anchored || filter.regex)
        return {};
    const std::size_t end = filter.pattern.find_first_of("/^:?*");
    if (end == std::string_view::npos || end == 0 || filter.pattern[end] == '*')
        return {};
    return filter.pattern.substr(0, end);
}

std::string identity_of(const Filter& f)
{
    std::string identity;
    for (const bool flag : {f.exception, f.host_anchored, f.start_anchored, f.end_anchored, f.regex, f.match_case,
                            f.important, f.not_intercepted})
        identity += flag ? '1' : '0';
    identity += ' ' + std::to_string(f.types) + ' ' + std::to_string(f.methods) + ' ' +
                std::to_string(static_cast<unsigned>(f.party));
    for (const std::string_view part : {f.domains, f.to, f.denyallow, f.redirect, f.pattern}) {
        identity += ' ';
        identity += part;
    }
    return identity;
}

void read_list(const ListSource& source, Ruleset::Compiled& compiled, PendingRules& pending, ListReport& report)
{
    report.name = source.name;
    compiled.lists.push_back({source.name, source.category_name, category_named(source.category_name), source.own,
                              source.own || source.may_intercept});
    compiled.store.begin_list();
    ListReader(source, compiled, pending, report).read(source.text);
}

} // namespace paravent::rules
