#pragma once

#include "proxy/activity/json_tree.hpp"

#include <boost/json/basic_parser.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace paravent::dashboard {

/// What Boost.JSON's parser tells of a HAR, reduced to the members that matter of each of log.pages and log.entries.
class HarItems {
public:
    enum class Kind : std::uint8_t { none, page, entry };
    using Each = std::function<void(Kind, const activity::JsonNode&)>;

    explicit HarItems(Each each) : each_(std::move(each)) {}
    bool saw_entries() const noexcept { return saw_entries_; }

    using error_code = boost::json::error_code;
    using string_view = boost::json::string_view;
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return open(activity::JsonNode::Kind::array); }
    bool on_array_end(std::size_t, error_code&) { return close(); }
    bool on_object_begin(error_code&) { return open(activity::JsonNode::Kind::object); }
    bool on_object_end(std::size_t, error_code&) { return close(); }
    bool on_key_part(string_view s, std::size_t, error_code&) { return key(s, false); }
    bool on_key(string_view s, std::size_t, error_code&) { return key(s, true); }
    bool on_string_part(string_view s, std::size_t, error_code&) { return value(string, s, false); }
    bool on_string(string_view s, std::size_t, error_code&) { return value(string, s, true); }
    bool on_number_part(string_view s, error_code&) { return value(number, s, false); }
    bool on_int64(std::int64_t, string_view s, error_code&) { return value(number, s, true); }
    bool on_uint64(std::uint64_t, string_view s, error_code&) { return value(number, s, true); }
    bool on_double(double, string_view s, error_code&) { return value(number, s, true); }
    bool on_bool(bool is, error_code&) { return value(activity::JsonNode::Kind::boolean, is ? "true" : "false", true); }
    bool on_null(error_code&) { return value(activity::JsonNode::Kind::null, {}, true); }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

private:
    static constexpr auto string = activity::JsonNode::Kind::string;
    static constexpr auto number = activity::JsonNode::Kind::number;

    bool open(activity::JsonNode::Kind kind);
    bool close();
    bool key(std::string_view piece, bool last);
    bool value(activity::JsonNode::Kind kind, std::string_view piece, bool last);
    bool is_wanted() const noexcept;
    void keep(bool had_room) noexcept;

    Each each_;
    std::size_t depth_ = 0;
    bool in_log_ = false, saw_entries_ = false;
    Kind list_ = Kind::none; ///< whose entries are being read
    Kind item_ = Kind::none; ///< what is being read
    bool keeping_ = false;   ///< the member being read is kept
    bool full_ = false;      ///< the item was too large; the rest of it is passed over
    bool key_goes_on_ = false;
    std::string key_; ///< the last one that stands no deeper than an item's members
    activity::JsonTree tree_{{.nodes = 65'536, .text = std::size_t{32} * 1024 * 1024}};
};

} // namespace paravent::dashboard
