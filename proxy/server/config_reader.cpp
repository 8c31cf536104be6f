#include "proxy/server/config_reader.hpp"

#include "proxy/activity/gateways.hpp"
#include "proxy/wire/content_coding.hpp"

#include <algorithm>
#include <array>

namespace paravent::server {

using net::awaitable;
using wire::http1::equals_ignore_case;
using wire::http1::find;

bool asks_for_config(const Asked& asked, const Judgement& judgement) noexcept
{
    const auto& rule = judgement.verdict.rule;
    return asked.whole && asked.method == "GET" && judgement.action == rules::Action::log &&
           judgement.mode == policy::SiteMode::observe && rule.list == "meta" && rule.id == "signals-config";
}

ConfigReader::ConfigReader(Exchange& behind, Connection& connection, std::string page_host)
    : ExchangeLayer(behind), fields_(*behind.head().fields), head_(behind.head()),
      policy_(connection.worker.shared.policy), page_host_(std::move(page_host)), held_(connection.worker)
{
    // A part of it, or nothing because the browser has it already, would name no gateway.
    constexpr std::array<std::string_view, 6> left_out{"accept-encoding",   "range",   "if-range", "if-none-match",
                                                       "if-modified-since", "if-match"};
    const bool gzip = find(fields_, "accept-encoding").find("gzip") != std::string_view::npos;
    std::erase_if(fields_, [&](const auto& field) {
        return std::ranges::any_of(left_out, [&](auto name) { return equals_ignore_case(field.name, name); });
    });
    fields_.push_back({"Accept-Encoding", gzip ? "gzip" : "identity"});
    head_.fields = &fields_;
}

void ConfigReader::write_head(const Reply& reply)
{
    reads_ = reply.status == 200 && reply.has_body;
    if (reads_ && reply.fields != nullptr)
        coding_ = find(*reply.fields, "content-encoding");
    behind().write_head(reply);
}

awaitable<net::error_code> ConfigReader::write_body(std::string_view bytes)
{
    const auto piece = bytes.substr(0, activity::max_signals_config - bytes_.size());
    reads_ = reads_ && held_.more(piece.size());
    if (reads_)
        bytes_ += piece;
    return behind().write_body(bytes);
}

awaitable<net::error_code> ConfigReader::finish(std::string_view trailer)
{
    if (reads_)
        read();
    return behind().finish(trailer);
}

/// Before the answer's end: a page that has it finds the owner's choice in force.
void ConfigReader::read()
{
    reads_ = false;
    std::string_view script = bytes_;
    wire::Inflated inflated;
    if (!coding_.empty()) {
        inflated = wire::inflate(coding_, bytes_, activity::max_signals_config);
        script = inflated.bytes;
    }
    if (const auto hosts = activity::gateways_in(script); !hosts.empty())
        policy_.note_gateways(page_host_, hosts);
}

} // namespace paravent::server
