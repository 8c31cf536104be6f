#include "proxy/activity/batch_rest.hpp"

#include "proxy/activity/body.hpp"
#include "proxy/activity/fields.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string_view>

namespace paravent::activity {
namespace {

using In = BatchPlace::In;

bool is_among(std::span<const std::size_t> taken, std::size_t index)
{
    return std::find(taken.begin(), taken.end(), index) != taken.end();
}

std::string list_without(const Batch& batch, std::span<const std::size_t> taken)
{
    std::string list = "[";
    for (const auto& part : batch.parts)
        if (!is_among(taken, part.index))
            list.append(list.size() > 1 ? "," : "").append(batch.json, part.at, part.size);
    return list + "]";
}

/// Whether a form's part belongs to taken parts of the batch alone.
bool is_gone(const Part& file, const Batch& batch, std::span<const std::size_t> taken)
{
    bool gone = false;
    for (const auto& part : batch.parts) {
        const auto& names = part.attached_files;
        if (std::find(names.begin(), names.end(), file.name) == names.end())
            continue;
        if (!is_among(taken, part.index))
            return false;
        gone = true;
    }
    return gone;
}

/// The form with a new list, the content of the files that are gone taken out. Their header lines stay.
std::string form_without(const Body& body, const Batch& batch, std::span<const std::size_t> taken,
                         std::string_view list)
{
    std::string out;
    std::size_t done = 0;
    for (const auto& part : parts_in(body)) {
        const auto at = static_cast<std::size_t>(part.content.data() - body.bytes.data());
        const bool is_batch = at == batch.place.at && part.name == "batch";
        if (!is_batch && (part.file_name.empty() || !is_gone(part, batch, taken)))
            continue;
        out.append(body.bytes, done, at - done).append(is_batch ? list : std::string_view{});
        done = at + part.content.size();
    }
    return out.append(body.bytes, done);
}

/// Whether a request's batch is what of `batch` is left.
bool is_rest(const Batch& left, const Batch& batch, std::span<const std::size_t> taken)
{
    if (!left.whole || left.parts.size() + taken.size() != batch.parts.size())
        return false;
    std::size_t next = 0;
    for (const auto& part : batch.parts) {
        if (is_among(taken, part.index))
            continue;
        const auto& same = left.parts[next++];
        if (left.json.compare(same.at, same.size, batch.json, part.at, part.size) != 0)
            return false;
    }
    return true;
}

} // namespace

std::optional<BatchRest> without(const Seen& seen, const Batch& batch, std::span<const std::size_t> taken)
{
    const auto list = list_without(batch, taken);
    const auto& place = batch.place;
    BatchRest rest{std::string{parts_of(seen.url).query}, std::string{seen.body}};
    switch (place.in) {
    case In::query:
        rest.query.replace(place.at, place.size, percent_encoded(list));
        break;
    case In::form:
        rest.body.replace(place.at, place.size, percent_encoded(list));
        break;
    case In::multipart:
        rest.body = form_without({seen.body, seen.content_type, false}, batch, taken, list);
        break;
    case In::text:
        rest.body.replace(place.at, place.size, boost::json::serialize(boost::json::string_view(list)));
        break;
    case In::member:
    case In::list:
        rest.body.replace(place.at, place.size, list);
        break;
    case In::nothing:
        return std::nullopt;
    }
    // Read once more as it will go out: what is not just the rest goes nowhere.
    const auto parts = parts_of(seen.url);
    const std::string url = "https://graph.facebook.com" + std::string{parts.path} + "?" + rest.query;
    Seen again = seen;
    again.url = url;
    again.body = rest.body;
    const auto left = batch_of(again);
    return left && is_rest(*left, batch, taken) ? std::optional{std::move(rest)} : std::nullopt;
}

} // namespace paravent::activity
