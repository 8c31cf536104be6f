#include "proxy/server/batch_stage.hpp"

#include "proxy/activity/batch_answers.hpp"
#include "proxy/server/answer.hpp"
#include "proxy/server/exchange_layer.hpp"
#include "proxy/server/forward.hpp"
#include "proxy/server/stand_in.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace paravent::server {

using net::awaitable;
using net::error_code;
using rules::Action;

namespace {

constexpr std::string_view graph = "https://graph.facebook.com/";

Judgement judge_part(const Snapshot& snapshot, const policy::Client& client, const Asked& asked,
                     const activity::BatchPart& part)
{
    std::string url(graph);
    url.append(part.path, 1); // which begins with "/"
    if (!part.query.empty())
        url.append("?").append(part.query);
    std::string method = part.method.empty() ? "GET" : part.method;
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c; });
    Asked alone = asked;
    alone.url = url;
    alone.method = method;
    return judge(snapshot, client, alone);
}

/// The rule of whose parts the reply tells first; the statistics know them all.
std::string rule_line(const JudgedBatch& batch)
{
    return "Paravent-Rule: " + batch.parts[batch.taken.front()].rule + "\r\n";
}

/// What Meta would say of one part (Graph API, "Batch requests": code, headers, body as a string).
std::string answer_to(const Judgement& judgement)
{
    const auto& given = judgement.action == Action::answer
                            ? stand_in(judgement.verdict.rule.category, rules::Type::xmlhttprequest, "POST")
                            : blocked_request(judgement.verdict.rule.category, graph);
    std::string body(given.body);
    if (given.status >= 400)
        body = R"({"error":{"message":"stopped by Paravent, rule )" + judgement.rule +
               R"(","type":"OAuthException","code":200}})";
    return "{\"code\":" + std::to_string(given.status) +
           R"(,"headers":[{"name":"Content-Type","value":"application/json"}],"body":)" +
           boost::json::serialize(boost::json::string_view(body)) + "}";
}

activity::BatchAnswers answers_of(const JudgedBatch& batch)
{
    std::vector<std::pair<std::size_t, std::string>> ours;
    for (const auto index : batch.taken)
        ours.emplace_back(index, answer_to(batch.parts[index]));
    return {batch.batch.parts.size(), std::move(ours)};
}

/// What Meta sees of the request, and what its reply becomes on the way back.
class RestOfBatch final : public ExchangeLayer {
public:
    RestOfBatch(Exchange& asked, const JudgedBatch& batch)
        : ExchangeLayer(asked), head_(asked.head()), fields_(*head_.fields), body_(batch.rest.body),
          answers_(answers_of(batch)), rule_line_(rule_line(batch))
    {
        // Compressed it could not be changed, neither on the way there nor back.
        constexpr std::array<std::string_view, 5> changed{"content-encoding", "accept-encoding", "content-md5",
                                                          "content-digest", "digest"};
        std::erase_if(fields_, [&](const auto& field) {
            return std::any_of(changed.begin(), changed.end(), [&](std::string_view name) {
                return wire::http1::equals_ignore_case(field.name, name);
            });
        });
        fields_.push_back({"Accept-Encoding", "identity"});
        head_.fields = &fields_;
        head_.length = body_.size();
        head_.has_body = !body_.empty();
        path_ = head_.target.path.substr(0, head_.target.path.find('?'));
        if (!batch.rest.query.empty())
            path_.append("?").append(batch.rest.query);
        head_.target.path = path_;
    }

    const Head& head() const noexcept override { return head_; }
    std::string_view trailer() const noexcept override { return {}; }

    awaitable<net::result<std::string_view>> read_body(net::Millis) override
    {
        constexpr std::size_t one_write = 64 * 1024;
        const auto piece = std::string_view(body_).substr(sent_, one_write);
        sent_ += piece.size();
        co_return piece;
    }

    void write_head(const Reply& given) override
    {
        Reply reply = given;
        const std::string extra = std::string(given.extra) + rule_line_;
        reply.extra = extra;
        unreadable_ = given.fields && !wire::http1::find(*given.fields, "content-encoding").empty();
        if (reply.has_body && !unreadable_)
            reply.length.reset();
        behind().write_head(reply);
    }

    awaitable<error_code> write_body(std::string_view bytes) override
    {
        if (unreadable_)
            co_return co_await behind().write_body(bytes);
        const std::string more = answers_.take(bytes);
        co_return co_await behind().write_body(more);
    }

private:
    Head head_;
    Fields fields_;
    std::string path_;
    const std::string& body_;
    activity::BatchAnswers answers_;
    std::string rule_line_;
    std::size_t sent_ = 0;
    bool unreadable_ = false; ///< Meta compressed it although it was asked not to
};

} // namespace

std::optional<JudgedBatch> judge_parts(const Snapshot& snapshot, const policy::Client& client, const Asked& asked,
                                       const Judgement& judgement, const Carried& carried)
{
    if (judgement.action != Action::allow && judgement.action != Action::log)
        return std::nullopt;
    const auto seen = seen_of(asked, judgement, carried);
    auto batch = activity::batch_of(seen);
    if (!batch)
        return std::nullopt;
    JudgedBatch judged;
    judged.batch = std::move(*batch);
    if (!judged.batch.whole)
        return judged;
    for (const auto& part : judged.batch.parts) {
        judged.parts.push_back(judge_part(snapshot, client, asked, part));
        const auto action = judged.parts.back().action;
        if (action == Action::answer || action == Action::block)
            judged.taken.push_back(part.index);
    }
    if (judged.taken.empty())
        return judged;
    auto rest = activity::without(seen, judged.batch, judged.taken);
    if (rest) {
        judged.rest = std::move(*rest);
    } else {
        judged.batch.whole = false;
        judged.parts.clear();
        judged.taken.clear();
    }
    return judged;
}

void record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
            const Carried& carried, const JudgedBatch& batch)
{
    for (auto& told : activity::events_of(seen_of(asked, judgement, carried), batch.batch)) {
        const bool alone = told.part && *told.part < batch.parts.size();
        record(connection, client, asked, alone ? batch.parts[*told.part] : judgement, std::move(told.events));
    }
}

awaitable<void> serve_batch(Connection& connection, Exchange& exchange, const Asked& asked, JudgedBatch batch,
                            std::shared_ptr<const Snapshot> snapshot)
{
    if (batch.taken.size() == batch.parts.size())
        co_return co_await answer_json(exchange, answers_of(batch).alone(), rule_line(batch));
    RestOfBatch rest(exchange, batch);
    co_await forward(connection, rest, asked, std::move(snapshot));
}

} // namespace paravent::server
