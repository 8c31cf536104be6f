#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::activity {

/// What a JSON text may make us keep: a text beyond one of these ends where it passes it.
struct JsonLimits {
    std::size_t nodes = 65'536;         ///< 2 MiB of nodes; 1,000 Conversions API events have some 40,000
    std::size_t text = 2 * 1024 * 1024; ///< bytes of keys and values together
};
inline constexpr std::size_t max_json_depth = 64;

class JsonTree;
JsonTree read_json(std::string_view text, JsonLimits limits);

/// A value inside a JsonTree, which must outlive it. Of a value that is not there everything is empty.
class JsonNode {
public:
    enum class Kind : std::uint8_t { none, null, boolean, number, string, array, object };

    JsonNode() = default;
    JsonNode(const JsonTree* tree, std::uint32_t index) noexcept : tree_(tree), index_(index) {}

    Kind kind() const noexcept;
    bool is(Kind kind_asked) const noexcept { return kind() == kind_asked; }
    /// A string, number or boolean.
    bool is_scalar() const noexcept
    {
        const auto k = kind();
        return k == Kind::boolean || k == Kind::number || k == Kind::string;
    }
    explicit operator bool() const noexcept { return tree_ != nullptr; }
    /// Whether the text went on to the end of this array or object.
    bool whole() const noexcept;
    std::string_view key() const noexcept;
    /// A string; a number as it was written, so that long ids keep every digit; "true" and "false".
    std::string_view text() const noexcept;
    /// The first member of that name.
    JsonNode operator[](std::string_view name) const noexcept;

    class Iterator;
    Iterator begin() const noexcept; ///< of the entries or members, in their order
    Iterator end() const noexcept;

private:
    const JsonTree* tree_ = nullptr;
    std::uint32_t index_ = 0;
};

class JsonNode::Iterator {
public:
    explicit Iterator(JsonNode at) noexcept : at_(at) {}
    JsonNode operator*() const noexcept { return at_; }
    Iterator& operator++() noexcept;
    bool operator!=(const Iterator& other) const noexcept { return at_.index_ != other.at_.index_; }

private:
    JsonNode at_;
};

inline JsonNode::Iterator JsonNode::end() const noexcept
{
    return Iterator(JsonNode{});
}

/// A JSON text in two blocks of memory. Of a text that is cut off or broken it holds what came before the fault.
class JsonTree {
public:
    JsonTree() = default;
    explicit JsonTree(JsonLimits limits) noexcept : limits_(limits) {}

    JsonNode root() const noexcept { return nodes_.empty() ? JsonNode{} : JsonNode(this, 0); }
    /// Whether nothing of the text was left out.
    bool whole() const noexcept { return whole_; }
    /// Whether the text was JSON as it stood: others read it the same way.
    bool strict() const noexcept { return strict_; }

    // For whoever reads a text, value by value. Each says whether there is still room.
    bool open(JsonNode::Kind array_or_object);
    void close() noexcept;
    bool key(std::string_view piece, bool last);
    bool value(JsonNode::Kind kind, std::string_view piece, bool last = true);
    /// Makes room for a text at once: memory that grows by doubling is touched anew each time, which costs more than
    /// reading does.
    void expect(std::string_view text);
    /// Forgets everything but the memory.
    void clear() noexcept;

private:
    friend class JsonNode;
    friend class JsonNode::Iterator;
    friend JsonTree read_json(std::string_view text, JsonLimits limits);
    struct Record {
        std::uint32_t key_at, key_size, text_at, text_size;
        std::uint32_t next = 0, first = 0; ///< 0: none, as the root is nobody's sibling or child
        JsonNode::Kind kind = JsonNode::Kind::null;
        bool whole = true;
    };
    struct Open {
        std::uint32_t node, last; ///< last child so far
    };
    bool append(std::string_view piece);
    bool add(JsonNode::Kind kind, std::uint32_t text_at);

    JsonLimits limits_;
    std::vector<Record> nodes_;
    std::string text_;
    std::vector<Open> open_;
    std::size_t key_at_ = 0, key_size_ = 0; ///< of the member that comes next
    std::size_t piece_at_ = 0;              ///< where the string or number being read begins
    bool in_piece_ = false;
    bool whole_ = true, strict_ = true;
};

/// Reads a text by Boost.JSON's parser. Never fails: see JsonTree. Bytes that are no UTF-8 stay as they are; what is no
/// JSON is read as it was meant (json_mending.hpp).
JsonTree read_json(std::string_view text, JsonLimits limits = {});

/// The value as compact JSON, at most `limit` bytes of it.
std::string json_text(const JsonNode& node, std::size_t limit);

} // namespace paravent::activity
