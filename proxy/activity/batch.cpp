#include "proxy/activity/batch.hpp"

#include "proxy/activity/body.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_entries.hpp"
#include "proxy/activity/json_tree.hpp"
#include "proxy/activity/product.hpp"

#include <algorithm>
#include <utility>

namespace paravent::activity {
namespace {

using Kind = JsonNode::Kind;
/// "v19.0/1/activities?a=b", also with "/" or Meta's host before it.
void set_address(std::string_view relative, BatchPart& part)
{
    relative = relative.substr(0, std::min(relative.find('#'), max_field_bytes));
    if (relative.starts_with("https://") || relative.starts_with("http://")) {
        const auto parts = parts_of(relative);
        part.path = parts.path;
        part.query = parts.query;
    } else {
        const auto question = relative.find('?');
        part.path = relative.substr(0, question);
        if (question != std::string_view::npos)
            part.query = relative.substr(question + 1);
    }
    if (!part.path.starts_with('/'))
        part.path.insert(part.path.begin(), '/');
}

BatchPart part_of(const JsonNode& entry, std::size_t index)
{
    BatchPart part;
    part.index = index;
    part.method = entry["method"].text().substr(0, 16);
    set_address(entry["relative_url"].text(), part);
    const auto body = entry["body"];
    part.body =
        body.is(Kind::object) || body.is(Kind::array) ? json_text(body, max_form_bytes) : std::string{body.text()};
    part.attached_files = entry["attached_files"].text().substr(0, 1024);
    return part;
}

} // namespace

Batch read_batch(std::string json)
{
    Batch batch;
    batch.json = std::move(json);
    const auto tree = read_json(batch.json);
    const auto root = tree.root();
    batch.whole = root.is(Kind::array) && root.whole();
    for (const auto entry : root) {
        if (batch.parts.size() == max_batch_parts) {
            batch.whole = false;
            break;
        }
        batch.whole = batch.whole && entry.is(Kind::object) && entry["relative_url"].is(Kind::string);
        batch.parts.push_back(part_of(entry, batch.parts.size()));
    }
    const auto ranges = batch.whole ? json_entries(batch.json, max_batch_parts + 1) : std::vector<TextRange>{};
    batch.whole = batch.whole && ranges.size() == batch.parts.size();
    if (batch.whole)
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            batch.parts[i].at = ranges[i].first;
            batch.parts[i].size = ranges[i].second - ranges[i].first;
        }
    return batch;
}

std::optional<Batch> batch_of(const Seen& seen)
{
    const auto parts = parts_of(seen.url.substr(0, max_field_bytes));
    if (!seen.full || seen.host != "graph.facebook.com" || !graph_path(parts.path).node.empty())
        return std::nullopt;
    const Body body{seen.body, seen.content_type, seen.body_cut};
    if (form_of(body) == BodyForm::json && body.bytes[body.bytes.find_first_of("[{")] == '[') {
        auto batch = read_batch(std::string{body.bytes.substr(0, max_form_bytes)});
        batch.whole = batch.whole && !seen.body_cut;
        return batch;
    }
    Fields fields{parts.query};
    add_fields(body, fields);
    const auto json = fields["batch"];
    if (json.empty())
        return std::nullopt;
    auto batch = read_batch(std::string{json});
    batch.whole = batch.whole && !seen.body_cut;
    return batch;
}

} // namespace paravent::activity
