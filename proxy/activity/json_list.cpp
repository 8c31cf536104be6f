#include "proxy/activity/json_list.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <cstdint>

namespace paravent::activity {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

/// Gathers the entries while Boost.JSON reads; no tree is built.
class Gatherer {
public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    std::vector<JsonItem> items;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_array_begin(error_code&)
    {
        if (depth_++ == 0)
            in_list_ = true;
        return true;
    }
    bool on_array_end(std::size_t, error_code&)
    {
        --depth_;
        return true;
    }
    bool on_object_begin(error_code&)
    {
        if (depth_++ == item_depth() - 1)
            item_.clear();
        return true;
    }
    bool on_object_end(std::size_t, error_code&)
    {
        if (--depth_ == item_depth() - 1)
            add(std::move(item_));
        return true;
    }

    bool on_key_part(string_view part, std::size_t, error_code&) { return gather(key_part_, part); }
    bool on_key(string_view part, std::size_t, error_code&)
    {
        gather(key_part_, part);
        key_ = std::exchange(key_part_, {});
        return true;
    }
    bool on_string_part(string_view part, std::size_t, error_code&) { return gather(text_, part); }
    bool on_string(string_view part, std::size_t, error_code&)
    {
        gather(text_, part);
        return value(std::exchange(text_, {}));
    }
    bool on_number_part(string_view part, error_code&) { return gather(text_, part); }
    bool on_int64(std::int64_t, string_view part, error_code&) { return number(part); }
    bool on_uint64(std::uint64_t, string_view part, error_code&) { return number(part); }
    bool on_double(double, string_view part, error_code&) { return number(part); }
    bool on_bool(bool is, error_code&) { return value(is ? "true" : "false"); }
    bool on_null(error_code&) { return true; }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

private:
    /// Depth inside an entry's object: 1 where the text is a single object, 2 in a list of them.
    std::size_t item_depth() const noexcept { return in_list_ ? 2 : 1; }

    static bool gather(std::string& into, string_view part)
    {
        into.append(part.data(), part.size());
        return true;
    }
    bool number(string_view part)
    {
        gather(text_, part);
        return value(std::exchange(text_, {}));
    }
    bool value(std::string text)
    {
        if (depth_ == item_depth()) {
            if (item_.size() < max_json_members)
                item_.emplace_back(key_, std::move(text));
        } else if (depth_ == item_depth() - 1)
            add({{std::string{}, std::move(text)}});
        return true;
    }
    void add(JsonItem item)
    {
        if (items.size() < max_json_items)
            items.push_back(std::move(item));
        item_.clear();
    }

    std::size_t depth_ = 0;
    bool in_list_ = false;
    JsonItem item_;
    std::string key_, key_part_, text_;
};

} // namespace

std::vector<JsonItem> read_json_list(std::string_view text)
{
    json::basic_parser<Gatherer> parser{json::parse_options{}};
    error_code error;
    parser.write_some(false, text.data(), text.size(), error);
    return std::move(parser.handler().items);
}

std::string_view member(const JsonItem& item, std::string_view name) noexcept
{
    const auto found = std::find_if(item.begin(), item.end(), [&](const auto& m) { return m.first == name; });
    return found == item.end() ? std::string_view{} : std::string_view{found->second};
}

} // namespace paravent::activity
