#include "proxy/activity/batch_place.hpp"

#include "proxy/activity/body.hpp"
#include "proxy/activity/fields.hpp"
#include "proxy/activity/json_entries.hpp"

#include <algorithm>
#include <string_view>

namespace paravent::activity {
namespace {

using In = BatchPlace::In;
using Kind = JsonNode::Kind;

class Search {
public:
    FoundBatch found;

    void urlencoded(std::string_view text, In in)
    {
        for (std::size_t at = 0; at < text.size();) {
            const auto pair = text.substr(at, text.find('&', at) - at);
            const auto equals = std::min(pair.find('='), pair.size());
            const auto begin = at + std::min(equals + 1, pair.size());
            const auto value = pair.substr(std::min(equals + 1, pair.size()));
            if (is_name(form_decoded(pair.substr(0, equals))))
                take({in, begin, value.size()}, form_decoded(value));
            at += pair.size() + 1;
        }
    }

    void multipart(const Body& body)
    {
        const auto parts = parts_in(body);
        complete_ = complete_ && parts.size() < max_parts;
        for (const auto& part : parts)
            if (is_name(std::string{part.name}))
                take({In::multipart, static_cast<std::size_t>(part.content.data() - body.bytes.data()),
                      part.content.size()},
                     std::string{part.content});
    }

    void json(std::string_view text)
    {
        const auto tree = read_json(text);
        const auto root = tree.root();
        complete_ = complete_ && root.whole() && tree.strict();
        if (root.is(Kind::array)) {
            take({In::list, 0, text.size()}, std::string{text});
            return;
        }
        const auto places = root.whole() && tree.strict() ? json_members(text) : std::vector<TextRange>{};
        std::size_t index = 0;
        for (const auto member : root) {
            if (is_name(std::string{member.key()})) {
                const auto [begin, end] = index < places.size() ? places[index] : TextRange{};
                const bool is_text = member.is(Kind::string);
                take({is_text ? In::text : In::member, begin, end - begin},
                     is_text       ? std::string{member.text()}
                     : begin < end ? std::string{text.substr(begin, end - begin)}
                                   : json_text(member, max_form_bytes));
                complete_ = complete_ && end > begin;
            }
            ++index;
        }
    }

    FoundBatch result()
    {
        found.only = complete_ && places_ <= 1;
        return std::move(found);
    }

private:
    /// As PHP has it, which drops blanks before a name and makes lists of "batch[0]".
    bool is_name(std::string name)
    {
        name.erase(0, std::min(name.find_first_not_of(" \t\r\n"), name.size()));
        complete_ = complete_ && !name.starts_with("batch[");
        return name == "batch";
    }
    void take(BatchPlace place, std::string json)
    {
        if (places_++ > 0)
            return;
        found.place = place;
        found.json = std::move(json);
    }

    unsigned places_ = 0;
    bool complete_ = true;
};

} // namespace

FoundBatch find_batch(const Seen& seen)
{
    Search search;
    search.urlencoded(parts_of(seen.url).query, In::query);
    const Body body{seen.body, seen.content_type, seen.body_cut};
    switch (form_of(body)) {
    case BodyForm::urlencoded:
        search.urlencoded(body.bytes, In::form);
        break;
    case BodyForm::multipart:
        search.multipart(body);
        break;
    case BodyForm::json:
        search.json(body.bytes);
        break;
    case BodyForm::none:
        break;
    }
    auto found = search.result();
    found.only = found.only && !seen.body_cut;
    return found;
}

} // namespace paravent::activity
