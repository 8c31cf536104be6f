#include "proxy/dashboard/why.hpp"

#include "proxy/dashboard/shapes.hpp"
#include "proxy/server/judge.hpp"
#include "proxy/server/link.hpp"
#include "proxy/server/stand_in.hpp"
#include "proxy/wire/characters.hpp"
#include "proxy/wire/link_decoration.hpp"
#include "proxy/wire/target.hpp"
#include "rules/domains.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <optional>

namespace paravent::dashboard {
namespace {

using rules::Action;
using rules::Type;

/// A request in the form that rules take, and what was made of it.
struct Judged {
    Action action = Action::allow;
    const policy::Exception* exception = nullptr;
    rules::Verdict verdict;
    policy::SiteMode mode = policy::SiteMode::silent;
    bool unjudged = false;
    std::optional<server::MarkedLink> link;

    bool stops() const noexcept { return action == Action::block || action == Action::answer; }
    std::string rule() const
    {
        if (exception)
            return "exception/" + exception->id;
        if (link)
            return link->rule;
        return verdict.rule ? std::string(verdict.rule.list) + "/" + std::string(verdict.rule.id) : std::string{};
    }
};

struct Subject {
    bool https = false;
    std::string host, url, shown; ///< `shown`: host and path, for the sentence
    std::string page, page_host, method;
    Type type = Type::other;
};

std::string quoted(std::string_view text)
{
    return "\"" + std::string(text.substr(0, 200)) + "\"";
}

result<Subject> subject_of(const Question& question)
{
    std::string text(question.url);
    if (text.empty())
        return Problem{400, "url: missing: the address to explain"};
    if (text.find("://") == std::string::npos)
        text.insert(0, "https://");
    text.resize(std::min(text.size(), text.find('#')));
    const auto target = wire::parse_target(text, false);
    if (!target || target->form != wire::Target::Form::absolute)
        return Problem{400, "url: " + quoted(question.url) + " is no http or https address"};

    Subject subject;
    subject.https = target->https;
    subject.host = target->host;
    const auto host_port = wire::host_field(target->host, target->port, target->https);
    const auto path = wire::origin_form(*target, "GET");
    subject.url = (target->https ? "https://" : "http://") + host_port + path;
    subject.shown = path == "/" ? host_port : host_port + path.substr(0, path.find('?'));
    subject.type = server::type_of(path, {});
    subject.method = question.method;
    if (subject.method.empty() || !std::all_of(subject.method.begin(), subject.method.end(), wire::is_token))
        return Problem{400, "method: " + quoted(question.method) + " is no method of HTTP (GET, POST …)"};
    // A link that Meta marked is a page, whatever its path looks like.
    if (subject.type == Type::other && !target->https && wire::undecorated(path))
        subject.type = Type::document;
    if (!question.type.empty()) {
        subject.type = rules::type_named(question.type);
        if (subject.type == Type::other && question.type != "other")
            return Problem{400,
                           "type: " + quoted(question.type) +
                               " is none of document, subdocument, stylesheet, script, image, font, media, object, "
                               "xmlhttprequest, ping, websocket, other"};
    }
    if (!question.page.empty()) {
        std::string page(question.page);
        if (page.find("://") == std::string::npos)
            page.insert(0, "https://");
        page.resize(std::min(page.size(), page.find('#')));
        const auto from = wire::parse_target(page, false);
        if (!from)
            return Problem{400, "from: " + quoted(question.page) + " is no address of a page"};
        subject.page_host = from->host;
        subject.page = std::move(page);
    }
    return subject;
}

/// What becomes of a link that Meta marked, where nobody asked for it before.
void judge_link(const rules::Ruleset& ruleset, const policy::Client& client, const Subject& subject, bool intercepted,
                Judged& judged)
{
    if (judged.exception || (subject.https && !ruleset.in_scope(subject.host))) // which nobody ever sees whole
        return;
    server::Judgement judgement;
    judgement.action = judged.action;
    judgement.verdict = judged.verdict;
    judgement.mode = judged.mode;
    judgement.rule = judged.rule();
    const server::Asked asked{subject.method, subject.url, subject.host, subject.page, subject.type, true, intercepted};
    const auto target = wire::parse_target(subject.url, false); // views into the subject, which lives on
    if (!target)
        return;
    judged.link = server::marked_link(ruleset, client, asked, *target, judgement, [](std::string_view) { return 0u; });
    if (!judged.link)
        return;
    judged.action = judged.link->action;
    judged.verdict = judged.link->verdict;
}

Judged judge(const rules::Ruleset& ruleset, const policy::Client& client, const Subject& subject, bool host_only,
             bool intercepted, std::int64_t now_ms)
{
    Judged judged;
    judged.unjudged = client.unjudged(now_ms);
    if (judged.unjudged)
        return judged;
    // Of a tunnel only the host is known, so neither the page nor the path counts.
    const std::string url = host_only ? "https://" + subject.host + "/" : subject.url;
    const std::string_view page = host_only ? std::string_view{} : std::string_view(subject.page_host);
    judged.exception = client.exception_for(page, subject.host, now_ms);
    rules::Request request;
    request.url = url;
    request.host = subject.host;
    request.page_host = page;
    request.type = host_only ? Type::other : subject.type;
    request.method = host_only ? std::string_view("CONNECT") : std::string_view(subject.method);
    request.host_only = host_only;
    request.intercepted = intercepted;
    judged.verdict = server::decide(ruleset, client, request);
    judged.mode = server::mode_of(client, page, intercepted);
    judged.action = judged.exception ? judged.exception->verdict : server::action_under(judged.mode, judged.verdict);
    if (!host_only)
        judge_link(ruleset, client, subject, intercepted, judged);
    return judged;
}

/// Null where the request is forwarded.
const server::StandIn* answer_of(const Judged& judged, const Subject& subject, bool tunnel)
{
    if (!judged.stops())
        return nullptr;
    if (tunnel)
        return &server::blocked_tunnel();
    if (judged.link)
        return &server::link_stand_in();
    return judged.action == Action::block
               ? &server::blocked_request(judged.verdict.rule.category, subject.url)
               : &server::stand_in(judged.verdict, judged.mode, subject.type, subject.method);
}

std::string because(const Judged& judged, bool host_only = false)
{
    if (judged.unjudged)
        return "because nothing is judged for this device (profile off, or paused)";
    if (judged.exception)
        return "because the owner's exception " + judged.exception->id + " says so for " + judged.exception->site;
    const auto& rule = judged.verdict.rule;
    if (!rule)
        return host_only ? "because no rule in force speaks of the whole host"
                         : "because no rule in force speaks of it";
    std::string text = "because rule " + judged.rule();
    if (rule.line == 0) // the owner's own, in no list
        return text + " applies: " + std::string(rule.sentence) + " " + std::string(policy::gateway_sentence());
    text += " (list " + std::string(rule.file) + ", line " + std::to_string(rule.line) + ") ";
    if (judged.verdict.exception)
        text += "makes an exception";
    else if (!judged.link && judged.action != judged.verdict.action)
        return text + "applies, and the owner observes this site: " + std::string(policy::sentence_of(judged.mode));
    else if (!rule.sentence.empty())
        return text + "applies: " + std::string(rule.sentence);
    else
        text += "applies";
    if (judged.verdict.overrode)
        text += " from " + std::string(judged.verdict.overrode.list) + "/" + std::string(judged.verdict.overrode.id);
    return text;
}

std::string phrase(const Judged& judged, const server::StandIn* answer)
{
    if (judged.link && judged.link->fate == server::MarkedLink::Fate::cut)
        return "would pass without the mark that Meta put into the address, and be counted";
    if (answer == nullptr)
        return judged.action == Action::log ? "would pass and be recorded" : "would pass";
    const std::string words(answer->words);
    if (answer == &server::blocked_tunnel())
        return "would be blocked: " + words;
    return judged.action == Action::block ? "would be blocked: answered " + words
                                          : "would be answered by Paravent " + words;
}

std::string full_stop(std::string text)
{
    if (!text.ends_with('.'))
        text += '.';
    return text;
}

} // namespace

policy::Device undescribed_device(const config::Settings& settings)
{
    policy::Device device;
    device.profile = settings.profile;
    device.privacy = settings.statistics.privacy;
    return device;
}

policy::Client client_of(policy::Device device, std::span<const policy::Exception> exceptions,
                         std::shared_ptr<const policy::Sites> sites)
{
    policy::Client client;
    client.rulings = policy::rulings_of(device.profile, device.meta_apps, device.facebook_login);
    for (const auto& exception : exceptions)
        if (exception.device.empty() || exception.device == device.id)
            client.exceptions.push_back(exception);
    std::stable_sort(client.exceptions.begin(), client.exceptions.end(),
                     [](const auto& a, const auto& b) { return a.site.size() > b.site.size(); });
    client.device = std::move(device);
    client.sites = std::move(sites);
    return client;
}

void describe_interception(tls::Interception& interception, policy::Device& device, Question& question,
                           std::int64_t now_ms)
{
    const auto authorities = interception.authorities();
    device.intercept =
        device.intercept && interception.trust().choose(device.id, *authorities, now_ms).authority != nullptr;
    for (auto& bypass : interception.bypasses().bypasses(now_ms))
        if (bypass.device == device.id)
            question.bypassed.push_back(std::move(bypass.host));
}

result<boost::json::object> explain(const rules::Ruleset& ruleset, const policy::Client& client,
                                    const Question& question, std::int64_t now_ms)
{
    const auto subject = subject_of(question);
    if (!subject)
        return subject.error();
    const bool bypassed = std::ranges::find(question.bypassed, subject->host) != question.bypassed.end();
    const bool decrypted = subject->https && client.device.intercept && !bypassed && ruleset.in_scope(subject->host);
    const bool tunnel = subject->https && !decrypted;
    const Judged whole = judge(ruleset, client, *subject, false, subject->https, now_ms);
    const std::optional<Judged> outside =
        tunnel ? std::optional(judge(ruleset, client, *subject, true, false, now_ms)) : std::nullopt;

    // A refused connection never gets as far as a request.
    const bool refused = outside && outside->stops();
    const Judged& deciding = refused ? *outside : whole;
    const bool needs_inside = outside && !refused && outside->action != whole.action;
    const auto* answer = answer_of(deciding, *subject, refused);

    auto sentence = full_stop(subject->shown + " " + phrase(deciding, answer) + ", " + because(deciding));
    if (needs_inside)
        sentence += std::string(" That takes interception, which ") +
                    (client.device.intercept && bypassed ? "an app on this device refused for that host"
                                                         : "is not on for this device") +
                    ": from outside only the host " + subject->host + " is seen, which " +
                    full_stop(phrase(*outside, nullptr) + ", " + because(*outside, true));

    const auto& rule = deciding.verdict.rule;
    const auto& overrode = deciding.verdict.overrode;
    const bool by_rule = rule && !deciding.exception;
    const bool in_list = by_rule && rule.line != 0;
    boost::json::object out{
        {"url", subject->url},
        {"type", rules::name_of(subject->type)},
        {"verdict", rules::name_of(deciding.action)},
        {"category",
         by_rule ? boost::json::value(rule.category_name.empty() ? rules::name_of(rule.category) : rule.category_name)
                 : boost::json::value(nullptr)},
        {"rule", text_or_null(deciding.rule())},
        {"text", in_list ? boost::json::value(rule.text) : boost::json::value(nullptr)},
        {"list", in_list ? boost::json::value(rule.file) : boost::json::value(nullptr)},
        {"line", in_list ? boost::json::value(rule.line) : boost::json::value(nullptr)},
        {"overrode", overrode ? boost::json::value(std::string(overrode.list) + "/" + std::string(overrode.id))
                              : boost::json::value(nullptr)},
        {"needs_inside", needs_inside},
        {"answer", answer != nullptr ? boost::json::value(answer->name) : boost::json::value(nullptr)},
        {"outside", nullptr},
        {"sentence", sentence},
    };
    if (outside)
        out["outside"] = {{"verdict", rules::name_of(outside->action)}, {"rule", text_or_null(outside->rule())}};
    return out;
}

} // namespace paravent::dashboard
