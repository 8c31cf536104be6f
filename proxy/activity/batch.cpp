#include "proxy/activity/batch.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_entries.hpp"
#include "proxy/activity/json_tree.hpp"
#include "proxy/activity/product.hpp"

#include <algorithm>
#include <utility>

namespace paravent::activity {
namespace {

constexpr std::size_t max_attached_bytes = 1024;

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

std::string method_of(std::string_view said, const BatchPart& part)
{
    // A field of that name counts more, wherever it stands.
    for (const std::string_view fields : {part.query, part.body})
        if (fields.find("method") != std::string_view::npos)
            if (const Fields all(fields); !all["method"].empty())
                return method_of(all["method"], {});
    std::string method;
    for (const char c : said.substr(0, 16))
        if (c != ' ')
            method += c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
    return method.empty() ? part.body.empty() ? "GET" : "POST" : method;
}

/// "file0, file1". Returns false where it is something else.
bool read_files(const JsonNode& names, BatchPart& part)
{
    auto rest = names.text();
    if ((names && !names.is(Kind::string)) || rest.size() > max_attached_bytes)
        return false;
    while (!rest.empty()) {
        auto name = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
        name = name.substr(0, name.find_last_not_of(' ') + 1);
        if (!name.empty())
            part.attached_files.emplace_back(name);
    }
    return true;
}

/// Whether every word of it stands there once: of two others might take the other one.
bool is_plain(const JsonNode& entry)
{
    constexpr std::string_view words[] = {"method", "relative_url", "body", "attached_files", "name", "depends_on"};
    unsigned counts[std::size(words)] = {};
    for (const auto member : entry)
        for (std::size_t i = 0; i < std::size(words); ++i)
            if (member.key() == words[i] && ++counts[i] > 1)
                return false;
    return entry.is(Kind::object) && entry["relative_url"].is(Kind::string);
}

/// Returns false where it cannot be told what the part is.
bool read_part(const JsonNode& entry, BatchPart& part)
{
    set_address(entry["relative_url"].text(), part);
    const auto body = entry["body"];
    part.body =
        body.is(Kind::object) || body.is(Kind::array) ? json_text(body, max_form_bytes) : std::string{body.text()};
    part.method = method_of(entry["method"].text(), part);
    part.name = entry["name"].text().substr(0, 256);
    const bool nested = graph_path(part.path).node.empty() &&
                        (part.query.find("batch") != std::string::npos || part.body.find("batch") != std::string::npos);
    return read_files(entry["attached_files"], part) && is_plain(entry) && !nested;
}

void read_list(Batch& batch)
{
    const auto tree = read_json(batch.json);
    const auto root = tree.root();
    batch.whole = batch.whole && root.is(Kind::array) && root.whole() && tree.strict();
    for (const auto entry : root) {
        if (batch.parts.size() == max_batch_parts) {
            batch.whole = false;
            break;
        }
        auto& part = batch.parts.emplace_back();
        part.index = batch.parts.size() - 1;
        batch.whole = read_part(entry, part) && batch.whole;
    }
    if (!batch.whole)
        return;
    const auto ranges = json_entries(batch.json, max_batch_parts + 1);
    batch.whole = ranges.size() == batch.parts.size();
    for (std::size_t i = 0; batch.whole && i < ranges.size(); ++i) {
        batch.parts[i].at = ranges[i].first;
        batch.parts[i].size = ranges[i].second - ranges[i].first;
    }
}

} // namespace

bool needs(const Batch& batch, const BatchPart& part, const BatchPart& other)
{
    if (other.name.empty())
        return false;
    const auto text = std::string_view(batch.json).substr(part.at, part.size);
    return text.find("{result=" + other.name + ":") != std::string_view::npos ||
           text.find("\"" + other.name + "\"") != std::string_view::npos;
}

std::optional<Batch> batch_of(const Seen& seen)
{
    if (!seen.full || seen.host != "graph.facebook.com" || !graph_path(parts_of(seen.url).path).node.empty())
        return std::nullopt;
    auto found = find_batch(seen);
    if (found.place.in == BatchPlace::In::nothing && found.only)
        return std::nullopt;
    Batch batch;
    batch.place = found.place;
    batch.json = std::move(found.json);
    batch.whole = found.only;
    read_list(batch);
    return batch;
}

} // namespace paravent::activity
