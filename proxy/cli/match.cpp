#include "proxy/cli/list_file.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/cli/timing.hpp"
#include "proxy/dashboard/text.hpp"
#include "rules/parsed_url.hpp"
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

/// Only such requests are for the rules; a page may be anything.
bool is_web(std::string_view url) noexcept
{
    return url.starts_with("http://") || url.starts_with("https://") || url.starts_with("ws://") ||
           url.starts_with("wss://");
}

std::shared_ptr<const rules::Ruleset> compile(const std::vector<std::string>& files, Timing* timing)
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
    const auto load = [&] { return rules::Ruleset::compile(sources); };
    return timing == nullptr ? load() : timing->measure_load(load);
}

/// A line of the input, read but not judged.
struct Recorded {
    std::string url;
    std::string page;
    Type type = Type::other;
};

/// @throws Failure naming the line
Recorded read_request(std::string_view line, std::uint64_t number)
{
    boost::system::error_code error;
    const auto value = boost::json::parse(line, error);
    if (error || !value.is_object())
        throw Failure(wrong_usage, "line " + std::to_string(number) + " is no JSON object");
    const auto& object = value.get_object();
    Recorded request{std::string(string_at(object, "url")), std::string(string_at(object, "frameUrl")),
                     type_of(string_at(object, "cpt"))};
    if (request.url.empty())
        throw Failure(wrong_usage, "line " + std::to_string(number) + " has no \"url\"");
    return request;
}

class Matching {
public:
    Matching(std::shared_ptr<const rules::Ruleset> ruleset, Timing* timing)
        : ruleset_(std::move(ruleset)), timing_(timing)
    {
    }

    /// Takes one line of the input. Its answer is written at once, or, where time is taken, with some thousand others
    /// when all of them have been judged: reading and writing in between would empty the processor's caches.
    void take(std::string_view line)
    {
        waiting_.push_back(read_request(line, answered_ + waiting_.size() + 1));
        bytes_ += line.size();
        if (timing_ == nullptr || waiting_.size() == most_waiting || bytes_ > most_bytes)
            answer();
    }

    /// Answers what still waits.
    void answer()
    {
        if (timing_ != nullptr)
            timing_->measure(waiting_.size(), [&](std::size_t i) { decide(waiting_[i]); });
        for (const auto& request : waiting_) {
            const auto verdict = decide(request);
            std::cout << ++answered_ << '\t' << (verdict.action == rules::Action::allow ? "pass" : "block") << '\t';
            if (const auto& rule = verdict.rule)
                std::cout << dashboard::inert(rule.list) << ':' << rule.line << ' ' << dashboard::inert(rule.text);
            std::cout << '\n';
        }
        waiting_.clear();
        bytes_ = 0;
    }

private:
    static constexpr std::size_t most_waiting = 100'000;
    static constexpr std::size_t most_bytes = 64 * 1024 * 1024;

    rules::Verdict decide(const Recorded& recorded) const
    {
        static const auto block = rules::Rulings::all(rules::Action::block);
        const rules::ParsedUrl url(recorded.url);
        if (url.host().empty() || !is_web(url.text()))
            return {};
        const rules::ParsedUrl page(recorded.page);
        rules::Request request;
        request.url = url.text();
        request.host = url.host();
        request.page_host = page.host();
        request.type = recorded.type;
        request.rulings = &block;
        return ruleset_->decide(request);
    }

    std::shared_ptr<const rules::Ruleset> ruleset_;
    Timing* timing_;
    std::vector<Recorded> waiting_;
    std::size_t bytes_ = 0;
    std::uint64_t answered_ = 0;
};

} // namespace

int match(const Match& options)
{
    Timing numbers;
    Timing* const timing = options.time ? &numbers : nullptr;
    auto ruleset = compile(options.lists, timing);
    if (timing != nullptr)
        timing->look_at_memory();
    Matching matching(std::move(ruleset), timing);
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        if (line.size() > max_line_bytes)
            throw Failure(wrong_usage, "a line is longer than 1 MiB");
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        matching.take(line);
    }
    matching.answer();
    std::cout << std::flush;
    if (timing != nullptr)
        std::cerr << timing->json_line() << '\n';
    return 0;
}

} // namespace paravent::cli
