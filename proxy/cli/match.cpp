#include "proxy/cli/list_file.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/timing.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/wire/target.hpp"
#include "rules/domains.hpp"
#include "rules/ruleset.hpp"

#include <boost/json.hpp>

#include <iostream>
#include <memory>

namespace paravent::cli {
namespace {

using rules::Type;

constexpr std::size_t max_line_bytes = 1024 * 1024;

/// The browser's word for what a request is for, in the lists' words.
Type type_of(std::string_view cpt) noexcept
{
    if (cpt == "document")
        return Type::subdocument; // the recordings' frames; the page itself is never judged
    if (cpt == "xhr" || cpt == "fetch")
        return Type::xmlhttprequest;
    return rules::type_named(cpt);
}

std::string_view string_at(const boost::json::object& object, std::string_view key) noexcept
{
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view{};
}

/// The host of an address in normal form, empty where there is none (data:, about:).
std::string host_of(std::string_view url)
{
    auto target = wire::parse_target(url.substr(0, url.find('#')), false);
    return target && target->form == wire::Target::Form::absolute ? std::move(target->host) : std::string{};
}

std::shared_ptr<const rules::Ruleset> compile(const std::vector<std::string>& files)
{
    std::vector<std::string> texts;
    std::vector<rules::ListSource> sources;
    texts.reserve(files.size());
    for (const auto& file : files) {
        texts.push_back(read_list(file));
        rules::ListSource source;
        source.name = std::filesystem::path(file).filename().string();
        source.category_name = "other";
        source.text = texts.back();
        sources.push_back(std::move(source));
    }
    return rules::Ruleset::compile(sources);
}

class Matching {
public:
    Matching(std::shared_ptr<const rules::Ruleset> ruleset, Timing* timing)
        : ruleset_(std::move(ruleset)), timing_(timing)
    {
    }

    /// One line of the input to one line of the output. @throws Failure naming the line
    void match(std::string_view line)
    {
        ++number_;
        boost::system::error_code error;
        const auto value = boost::json::parse(line, error);
        if (error || !value.is_object())
            throw Failure(wrong_usage, "line " + std::to_string(number_) + " is no JSON object");
        const auto url = string_at(value.get_object(), "url");
        if (url.empty())
            throw Failure(wrong_usage, "line " + std::to_string(number_) + " has no \"url\"");
        const auto page = string_at(value.get_object(), "frameUrl");
        const auto type = type_of(string_at(value.get_object(), "cpt"));

        if (timing_ != nullptr)
            timing_->begin_request();
        const auto verdict = decide(url, page, type);
        if (timing_ != nullptr)
            timing_->end_request();

        std::cout << number_ << '\t' << (verdict.action == rules::Action::allow ? "pass" : "block") << '\t';
        if (const auto& rule = verdict.rule)
            std::cout << dashboard::inert(rule.list) << ':' << rule.line << ' ' << dashboard::inert(rule.text);
        std::cout << '\n';
    }

private:
    rules::Verdict decide(std::string_view url, std::string_view page, Type type)
    {
        static const auto block = rules::Rulings::all(rules::Action::block);
        const auto host = host_of(url);
        if (host.empty())
            return {};
        const auto page_host = host_of(page);
        rules::Request request;
        request.url = url.substr(0, url.find('#'));
        request.host = host;
        request.page_host = page_host;
        request.type = type;
        request.rulings = &block;
        return ruleset_->decide(request);
    }

    std::shared_ptr<const rules::Ruleset> ruleset_;
    Timing* timing_;
    std::uint64_t number_ = 0;
};

} // namespace

int match(const Match& options)
{
    Timing timing;
    timing.begin_load();
    auto ruleset = compile(options.lists);
    timing.end_load();
    Matching matching(std::move(ruleset), options.time ? &timing : nullptr);
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        if (line.size() > max_line_bytes)
            throw Failure(wrong_usage, "a line is longer than 1 MiB");
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        matching.match(line);
    }
    std::cout << std::flush;
    if (options.time)
        std::cerr << timing.json_line() << '\n';
    return 0;
}

} // namespace paravent::cli
