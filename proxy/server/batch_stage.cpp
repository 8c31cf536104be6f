#include "proxy/server/batch_stage.hpp"

#include "proxy/server/answer.hpp"
#include "proxy/server/exchange_layer.hpp"
#include "proxy/server/forward.hpp"
#include "proxy/server/stand_in.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace paravent::server {

using activity::Batch;
using net::awaitable;
using net::error_code;
using rules::Action;

namespace {

constexpr std::string_view graph = "https://graph.facebook.com/";

/// By its path alone: what stands in the query of a login may look like anything.
Judgement judge_part(const Snapshot& snapshot, const policy::Client& client, const Asked& asked,
                     const activity::BatchPart& part)
{
    std::string url(graph);
    url.append(part.path, 1); // which begins with "/"
    Asked alone = asked;
    alone.url = url;
    alone.method = part.method;
    return judge(snapshot, client, alone);
}

/// Judges the parts of a batch that can be read in one way only. A part that another one waits for is left in: the
/// other might be a login.
std::vector<Judgement> judgements_of(const Snapshot& snapshot, const policy::Client& client, const Asked& asked,
                                     const Judgement& whole, Batch& batch)
{
    std::vector<Judgement> all;
    for (const auto& part : batch.parts)
        all.push_back(judge_part(snapshot, client, asked, part));
    for (const auto& part : batch.parts)
        for (const auto& other : batch.parts)
            if (&part != &other && !stops(all[part.index]) && stops(all[other.index]) && needs(batch, part, other))
                all[other.index] = whole;
    for (auto& part : batch.parts) {
        const auto& rule = all[part.index].verdict.rule;
        part.stopped = stops(all[part.index]);
        part.category = !rule                                     ? std::string_view{}
                        : rule.category == rules::Category::other ? rule.category_name
                                                                  : rules::name_of(rule.category);
    }
    return all;
}

/// What Meta would say of one part (Graph API, "Batch requests": code, headers, body as a string).
std::string answer_to(const Judgement& judgement, std::size_t events)
{
    const auto& rule = judgement.verdict.rule;
    const auto& given = judgement.action == Action::answer
                            ? stand_in(judgement.verdict, judgement.mode, rules::Type::xmlhttprequest, "POST")
                            : blocked_request(rule.category, graph);
    const auto body =
        given.status < 400
            ? body_of(given, events)
            : boost::json::serialize(boost::json::object{{"error",
                                                          {{"message", "stopped by Paravent, rule " + judgement.rule},
                                                           {"type", "OAuthException"},
                                                           {"code", 200}}}});
    const boost::json::value type{{"name", "Content-Type"},
                                  {"value", given.status < 400 ? given.type : "application/json"}};
    return boost::json::serialize(
        boost::json::object{{"code", given.status}, {"headers", boost::json::array{type}}, {"body", body}});
}

std::size_t events_in(const std::vector<activity::PartEvents>& told, std::size_t part)
{
    for (const auto& one : told)
        if (one.part == part)
            return one.events.size();
    return 0;
}

/// Null where nothing is taken, or nothing can be.
std::unique_ptr<BatchRemainder> remainder_of(Worker& worker, const activity::Seen& seen, const Batch& batch,
                                             const JudgedBatch& judged)
{
    std::vector<std::size_t> taken;
    std::vector<std::pair<std::size_t, std::string>> ours;
    for (const auto& part : batch.parts)
        if (part.stopped) {
            taken.push_back(part.index);
            ours.emplace_back(part.index, answer_to(judged.parts[part.index], events_in(judged.told, part.index)));
        }
    if (taken.empty())
        return nullptr;
    auto rest = activity::without(seen, batch, taken);
    auto held = std::make_unique<HeldBytes>(worker);
    if (!rest || !held->more(rest->body.size()))
        return nullptr;
    return std::make_unique<BatchRemainder>(BatchRemainder{std::move(*rest),
                                                           {batch.parts.size(), std::move(ours)},
                                                           judged.parts[taken.front()].rule,
                                                           taken.size() == batch.parts.size(),
                                                           std::move(held)});
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names)
{
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view one) { return wire::http1::equals_ignore_case(name, one); });
}

/// What Meta sees of the request, and what its reply becomes on the way back.
class RestOfBatch final : public ExchangeLayer {
public:
    RestOfBatch(Exchange& asked, BatchRemainder& its)
        : ExchangeLayer(asked), its_(its), head_(asked.head()), fields_(*head_.fields)
    {
        // Compressed or in pieces it could be changed neither on the way there nor back.
        constexpr std::string_view changed[] = {"content-encoding", "accept-encoding", "content-md5", "content-digest",
                                                "repr-digest",      "digest",          "range",       "if-range",
                                                "if-none-match"};
        std::erase_if(fields_, [&](const auto& field) { return is_one_of(field.name, changed); });
        fields_.push_back({"Accept-Encoding", "identity"});
        head_.fields = &fields_;
        if (head_.has_body || head_.length)
            head_.length = its_.rest.body.size();
        head_.has_body = !its_.rest.body.empty();
        path_ = head_.target.path.substr(0, head_.target.path.find('?'));
        if (!its_.rest.query.empty())
            path_.append("?").append(its_.rest.query);
        head_.target.path = path_;
    }

    const Head& head() const noexcept override { return head_; }
    std::string_view trailer() const noexcept override { return {}; }

    awaitable<net::result<std::string_view>> read_body(net::Millis) override
    {
        constexpr std::size_t one_write = 64 * 1024;
        auto& body = its_.rest.body;
        const auto piece = std::string_view(body).substr(sent_, one_write);
        sent_ += piece.size();
        if (piece.empty()) { // a reply may take its time
            std::string{}.swap(body);
            its_.held.reset();
            sent_ = 0;
        }
        co_return piece;
    }

    void write_head(const Reply& given) override
    {
        const auto extra = std::string(given.extra) + "Paravent-Rule: " + its_.rule + "\r\n";
        const auto coding = given.fields ? wire::http1::find(*given.fields, "content-encoding") : std::string_view{};
        unreadable_ = given.status == 206 || !(coding.empty() || wire::http1::equals_ignore_case(coding, "identity"));
        if (unreadable_)
            return refuse(extra);
        constexpr std::string_view of_other_bytes[] = {"etag",   "content-md5",   "content-digest",  "repr-digest",
                                                       "digest", "accept-ranges", "content-encoding"};
        Reply reply = given;
        Fields fields = given.fields ? *given.fields : Fields{};
        std::erase_if(fields, [&](const auto& field) { return is_one_of(field.name, of_other_bytes); });
        reply.fields = &fields;
        reply.extra = extra;
        if (reply.has_body)
            reply.length.reset();
        behind().write_head(reply);
    }

    awaitable<error_code> write_body(std::string_view bytes) override
    {
        if (unreadable_)
            co_return error_code{};
        const std::string more = its_.answers.take(bytes);
        co_return co_await behind().write_body(more);
    }

private:
    /// It was asked for plain JSON. A list with answers in the wrong places would be worse than none.
    void refuse(std::string extra)
    {
        extra += "Paravent-Error: upstream-protocol\r\n";
        Reply reply;
        reply.status = 502;
        reply.length = 0;
        reply.extra = extra;
        behind().write_head(reply);
    }

    BatchRemainder& its_;
    Head head_;
    Fields fields_;
    std::string path_;
    std::size_t sent_ = 0;
    bool unreadable_ = false;
};

} // namespace

std::optional<JudgedBatch> judge_parts(Worker& worker, const Snapshot& snapshot, const policy::Client& client,
                                       const Asked& asked, const Judgement& judgement, const Carried& carried)
{
    if (stops(judgement))
        return std::nullopt;
    auto seen = seen_of(asked, judgement, carried);
    seen.mine = client.mine.get();
    auto batch = activity::batch_of(seen);
    if (!batch)
        return std::nullopt;
    JudgedBatch judged;
    if (batch->whole)
        judged.parts = judgements_of(snapshot, client, asked, judgement, *batch);
    judged.told = events_of(seen, *batch);
    if (batch->whole)
        judged.remainder = remainder_of(worker, seen, *batch, judged);
    const bool takes = std::any_of(judged.parts.begin(), judged.parts.end(), stops);
    if (takes && !judged.remainder) { // nothing could be taken out: it is judged as one after all
        batch->whole = false;
        for (auto& part : batch->parts)
            part.stopped = false;
        judged.parts.clear();
        judged.told = events_of(seen, *batch);
    }
    return judged;
}

void record(Connection& connection, const policy::Client& client, const Asked& asked, const Judgement& judgement,
            JudgedBatch& batch)
{
    for (auto& told : batch.told) {
        const bool alone = told.part && *told.part < batch.parts.size();
        record(connection, client, asked, alone ? batch.parts[*told.part] : judgement, std::move(told.events));
    }
}

awaitable<void> serve_batch(Connection& connection, Exchange& exchange, const Asked& asked,
                            std::unique_ptr<BatchRemainder> remainder, std::shared_ptr<const Snapshot> snapshot)
{
    if (remainder->nothing_left)
        co_return co_await answer_json(exchange, remainder->answers.alone(),
                                       "Paravent-Rule: " + remainder->rule + "\r\n");
    RestOfBatch rest(exchange, *remainder);
    co_await forward(connection, rest, asked, std::move(snapshot));
}

} // namespace paravent::server
