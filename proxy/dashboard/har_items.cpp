#include "proxy/dashboard/har_items.hpp"

#include <algorithm>
#include <utility>

namespace paravent::dashboard {
namespace {

// How deep the places are that matter: {"log": {"entries": [ { member
constexpr std::size_t in_root = 1, in_log = 2, in_list = 3, in_item = 4;
constexpr std::size_t longest_key = 32; ///< longer than those that are looked for

} // namespace

bool HarItems::is_wanted() const noexcept
{
    if (item_ == Kind::entry)
        return key_ == "request" || key_ == "startedDateTime" || key_ == "pageref";
    return key_ == "id" || key_ == "title";
}

void HarItems::keep(bool had_room) noexcept
{
    if (!had_room) {
        full_ = true;
        keeping_ = false;
    }
}

bool HarItems::open(activity::JsonNode::Kind kind)
{
    using Node = activity::JsonNode::Kind;
    if (depth_ == in_root)
        in_log_ = kind == Node::object && key_ == "log";
    else if (depth_ == in_log && in_log_ && kind == Node::array) {
        list_ = key_ == "entries" ? Kind::entry : key_ == "pages" ? Kind::page : Kind::none;
        saw_entries_ = saw_entries_ || list_ == Kind::entry;
    } else if (depth_ == in_list && list_ != Kind::none) {
        item_ = list_;
        keeping_ = full_ = false;
        tree_.clear();
        tree_.open(Node::object);
    } else if (keeping_)
        keep(tree_.open(kind));
    ++depth_;
    return true;
}

bool HarItems::close()
{
    --depth_;
    if (depth_ >= in_item && keeping_)
        tree_.close();
    else if (depth_ == in_list && item_ != Kind::none) {
        each_(std::exchange(item_, Kind::none), tree_.root());
        keeping_ = false;
    } else if (depth_ == in_log)
        list_ = Kind::none;
    else if (depth_ == in_root)
        in_log_ = false;
    return true;
}

bool HarItems::key(std::string_view piece, bool last)
{
    if (depth_ > in_item) {
        if (keeping_)
            keep(tree_.key(piece, last));
        return true;
    }
    if (!std::exchange(key_goes_on_, !last))
        key_.clear();
    key_.append(piece.substr(0, longest_key - std::min(longest_key, key_.size())));
    if (last && item_ != Kind::none) {
        keeping_ = !full_ && is_wanted();
        if (keeping_)
            keep(tree_.key(key_, true));
    }
    return true;
}

bool HarItems::value(activity::JsonNode::Kind kind, std::string_view piece, bool last)
{
    if (keeping_)
        keep(tree_.value(kind, piece, last));
    else if (depth_ == in_list && list_ != Kind::none && last) // an entry that is none counts all the same
        each_(list_, {});
    return true;
}

} // namespace paravent::dashboard
