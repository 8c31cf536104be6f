#include "proxy/activity/json_tree.hpp"

#include "proxy/activity/json_mending.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <utility>

namespace paravent::activity {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;
using Kind = JsonNode::Kind;

/// Hands what Boost.JSON reads to the tree.
class Handler {
public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    explicit Handler(JsonTree& tree) noexcept : tree_(tree) {}

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code& e) { return room(tree_.open(Kind::array), e); }
    bool on_array_end(std::size_t, error_code&) { return closed(); }
    bool on_object_begin(error_code& e) { return room(tree_.open(Kind::object), e); }
    bool on_object_end(std::size_t, error_code&) { return closed(); }
    bool on_key_part(string_view s, std::size_t, error_code& e) { return room(tree_.key(s, false), e); }
    bool on_key(string_view s, std::size_t, error_code& e) { return room(tree_.key(s, true), e); }
    bool on_string_part(string_view s, std::size_t, error_code& e)
    {
        return room(tree_.value(Kind::string, s, false), e);
    }
    bool on_string(string_view s, std::size_t, error_code& e) { return room(tree_.value(Kind::string, s), e); }
    bool on_number_part(string_view s, error_code& e) { return room(tree_.value(Kind::number, s, false), e); }
    bool on_int64(std::int64_t, string_view s, error_code& e) { return room(tree_.value(Kind::number, s), e); }
    bool on_uint64(std::uint64_t, string_view s, error_code& e) { return room(tree_.value(Kind::number, s), e); }
    bool on_double(double, string_view s, error_code& e) { return room(tree_.value(Kind::number, s), e); }
    bool on_bool(bool is, error_code& e) { return room(tree_.value(Kind::boolean, is ? "true" : "false"), e); }
    bool on_null(error_code& e) { return room(tree_.value(Kind::null, {}), e); }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

private:
    static bool room(bool is_left, error_code& error)
    {
        if (!is_left)
            error = json::error::array_too_large;
        return is_left;
    }
    bool closed()
    {
        tree_.close();
        return true;
    }
    JsonTree& tree_;
};

enum class Ending : std::uint8_t { whole, cut, broken, too_much };

/// Reads as far as it goes.
Ending parse(std::string_view text, JsonTree& tree)
{
    json::parse_options options;
    options.max_depth = max_json_depth;
    options.allow_trailing_commas = true;
    options.allow_invalid_utf8 = true; // a page's text; clean_text sees to it
    json::basic_parser<Handler> parser(options, tree);
    // A number at the very end may be the beginning of a longer one, unless it is all there is.
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool more = first != std::string_view::npos && (text[first] == '[' || text[first] == '{');
    error_code error;
    const auto read = parser.write_some(more, text.data(), text.size(), error);
    if (!error) {
        const bool behind = text.find_first_not_of(" \t\r\n", read) != std::string_view::npos;
        return (parser.done() && !behind) || first == std::string_view::npos ? Ending::whole : Ending::cut;
    }
    if (error == json::error::incomplete)
        return Ending::cut;
    return error == json::error::array_too_large ? Ending::too_much : Ending::broken;
}

void write_string(std::string_view text, std::string& out)
{
    constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20) {
            out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        } else {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
    }
    out += '"';
}

/// As deep as the parser allows at most.
void write(const JsonNode& node, std::size_t limit, std::string& out) // NOLINT(misc-no-recursion)
{
    if (out.size() > limit)
        return;
    switch (node.kind()) {
    case Kind::none:
    case Kind::null:
        out += "null";
        break;
    case Kind::boolean:
    case Kind::number:
        out += node.text();
        break;
    case Kind::string:
        write_string(node.text().substr(0, limit), out);
        break;
    case Kind::array:
    case Kind::object: {
        const bool named = node.is(Kind::object);
        out += named ? '{' : '[';
        bool first = true;
        for (const auto child : node) {
            if (!std::exchange(first, false))
                out += ',';
            if (named) {
                write_string(child.key().substr(0, limit), out);
                out += ':';
            }
            write(child, limit, out);
            if (out.size() > limit)
                break;
        }
        out += named ? '}' : ']';
        break;
    }
    }
}

} // namespace

JsonNode::Kind JsonNode::kind() const noexcept
{
    return tree_ == nullptr ? Kind::none : tree_->nodes_[index_].kind;
}

bool JsonNode::whole() const noexcept
{
    return tree_ != nullptr && tree_->nodes_[index_].whole;
}

std::string_view JsonNode::key() const noexcept
{
    if (tree_ == nullptr)
        return {};
    const auto& record = tree_->nodes_[index_];
    return std::string_view{tree_->text_}.substr(record.key_at, record.key_size);
}

std::string_view JsonNode::text() const noexcept
{
    if (tree_ == nullptr)
        return {};
    const auto& record = tree_->nodes_[index_];
    return std::string_view{tree_->text_}.substr(record.text_at, record.text_size);
}

JsonNode JsonNode::operator[](std::string_view name) const noexcept
{
    if (kind() == Kind::object)
        for (const auto child : *this)
            if (child.key() == name)
                return child;
    return {};
}

JsonNode::Iterator JsonNode::begin() const noexcept
{
    const auto first = tree_ == nullptr ? 0 : tree_->nodes_[index_].first;
    return Iterator(first == 0 ? JsonNode{} : JsonNode(tree_, first));
}

JsonNode::Iterator& JsonNode::Iterator::operator++() noexcept
{
    const auto next = at_.tree_->nodes_[at_.index_].next;
    at_ = next == 0 ? JsonNode{} : JsonNode(at_.tree_, next);
    return *this;
}

bool JsonTree::append(std::string_view piece)
{
    if (piece.size() > limits_.text - text_.size())
        return false;
    text_ += piece;
    return true;
}

bool JsonTree::add(JsonNode::Kind kind, std::uint32_t text_at)
{
    if (nodes_.size() >= limits_.nodes)
        return false;
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    const auto text_size = static_cast<std::uint32_t>(text_.size()) - text_at;
    nodes_.push_back(
        {static_cast<std::uint32_t>(key_at_), static_cast<std::uint32_t>(key_size_), text_at, text_size, 0, 0, kind});
    key_size_ = 0;
    if (!open_.empty()) {
        auto& [parent, last] = open_.back();
        (last == 0 ? nodes_[parent].first : nodes_[last].next) = index;
        last = index;
    }
    return true;
}

bool JsonTree::open(JsonNode::Kind array_or_object)
{
    if (!add(array_or_object, static_cast<std::uint32_t>(text_.size())))
        return false;
    nodes_.back().whole = false;
    open_.push_back({static_cast<std::uint32_t>(nodes_.size() - 1), 0});
    return true;
}

void JsonTree::close() noexcept
{
    nodes_[open_.back().node].whole = true;
    open_.pop_back();
}

bool JsonTree::key(std::string_view piece, bool last)
{
    if (!std::exchange(in_piece_, !last))
        key_at_ = text_.size();
    if (!append(piece))
        return false;
    key_size_ = text_.size() - key_at_;
    return true;
}

bool JsonTree::value(JsonNode::Kind kind, std::string_view piece, bool last)
{
    if (!std::exchange(in_piece_, !last))
        piece_at_ = text_.size();
    return append(piece) && (!last || add(kind, static_cast<std::uint32_t>(piece_at_)));
}

void JsonTree::expect(std::string_view text)
{
    const auto values =
        1 + std::count_if(text.begin(), text.end(), [](char c) { return c == ',' || c == '[' || c == '{'; });
    nodes_.reserve(std::min(limits_.nodes, static_cast<std::size_t>(values)));
    text_.reserve(std::min(limits_.text, text.size()));
}

void JsonTree::clear() noexcept
{
    nodes_.clear();
    text_.clear();
    open_.clear();
    key_size_ = 0;
    in_piece_ = false;
}

JsonTree read_json(std::string_view text, JsonLimits limits)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    JsonTree tree(limits);
    tree.expect(text);
    auto ending = parse(text, tree);
    if (ending == Ending::broken) {
        const auto mended = mend_json(text, max_json_depth);
        tree.clear();
        ending = parse(mended.text, tree);
        tree.strict_ = false;
        tree.whole_ = !mended.left_out;
    }
    tree.whole_ = tree.whole_ && ending == Ending::whole;
    return tree;
}

std::string json_text(const JsonNode& node, std::size_t limit)
{
    std::string out;
    write(node, limit, out);
    out.resize(std::min(out.size(), limit));
    return out;
}

} // namespace paravent::activity
