#include "proxy/activity/batch_rest.hpp"

#include "proxy/activity/body.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_entries.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>
#include <string_view>

namespace paravent::activity {
namespace {

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() * 3 / 2);
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

/// One rewriting: the new list goes in where the batch stood, the files of what was taken go out.
class Rewriting {
public:
    Rewriting(const Batch& batch, std::span<const std::size_t> taken) : list_("[")
    {
        for (std::size_t i = 0; i < batch.parts.size(); ++i) {
            const auto& part = batch.parts[i];
            const bool gone = std::find(taken.begin(), taken.end(), i) != taken.end();
            add_names(part.attached_files, gone ? files_ : kept_files_);
            if (gone)
                continue;
            if (list_.size() > 1)
                list_ += ',';
            list_.append(batch.json, part.at, part.size);
        }
        list_ += ']';
    }

    unsigned places() const noexcept { return places_; } ///< where the list was put

    std::string urlencoded(std::string_view text)
    {
        std::string out;
        bool first = true;
        for (bool more = !text.empty(); more;) {
            const auto end = text.find('&');
            const auto pair = text.substr(0, end);
            more = end != std::string_view::npos;
            text.remove_prefix(more ? end + 1 : text.size());
            const auto equals = pair.find('=');
            const auto name = form_decoded(pair.substr(0, equals));
            if (is_gone(name))
                continue;
            if (!std::exchange(first, false))
                out += '&';
            if (name == "batch" && equals != std::string_view::npos && equals + 1 < pair.size()) {
                ++places_;
                out.append("batch=").append(percent_encoded(list_));
            } else
                out += pair;
        }
        return out;
    }

    /// A part keeps its header lines, also that of a file which is taken out: its content goes.
    std::string multipart(const Body& body)
    {
        std::string out;
        std::size_t done = 0;
        for (const auto& part : parts_in(body)) {
            const bool is_batch = part.name == "batch" && !part.content.empty();
            if (!is_batch && !is_gone(part.name))
                continue;
            const auto at = static_cast<std::size_t>(part.content.data() - body.bytes.data());
            out.append(body.bytes, done, at - done);
            done = at + part.content.size();
            if (is_batch) {
                ++places_;
                out += list_;
            }
        }
        return out.append(body.bytes, done);
    }

    std::string json(std::string_view text)
    {
        const auto first = text.find_first_of("[{");
        if (text[first] == '[') {
            ++places_;
            return list_;
        }
        const auto [begin, end] = json_member(text, "batch");
        if (begin == end)
            return std::string{text};
        ++places_;
        std::string out{text.substr(0, begin)};
        out += text[begin] == '"' ? boost::json::serialize(boost::json::string_view(list_)) : list_;
        return out.append(text.substr(end));
    }

private:
    static void add_names(std::string_view commas, std::set<std::string, std::less<>>& names)
    {
        while (!commas.empty()) {
            const auto end = std::min(commas.find(','), commas.size());
            if (end > 0)
                names.emplace(commas.substr(0, end));
            commas.remove_prefix(std::min(end + 1, commas.size()));
        }
    }
    bool is_gone(std::string_view name) const { return files_.contains(name) && !kept_files_.contains(name); }

    std::string list_;
    std::set<std::string, std::less<>> files_, kept_files_;
    unsigned places_ = 0;
};

} // namespace

std::optional<BatchRest> without(const Seen& seen, const Batch& batch, std::span<const std::size_t> taken)
{
    Rewriting rewriting(batch, taken);
    BatchRest rest;
    rest.query = rewriting.urlencoded(parts_of(seen.url).query);
    const Body body{seen.body, seen.content_type, false};
    switch (form_of(body)) {
    case BodyForm::urlencoded:
        rest.body = rewriting.urlencoded(body.bytes);
        break;
    case BodyForm::multipart:
        rest.body = rewriting.multipart(body);
        break;
    case BodyForm::json:
        rest.body = rewriting.json(body.bytes);
        break;
    case BodyForm::none:
        rest.body = body.bytes;
        break;
    }
    if (rewriting.places() != 1)
        return std::nullopt;
    return rest;
}

} // namespace paravent::activity
