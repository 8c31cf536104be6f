#include "proxy/activity/json_mending.hpp"

#include "proxy/activity/surrogates.hpp"

#include <algorithm>
#include <utility>

namespace paravent::activity {
namespace {

class Mending {
public:
    Mending(std::string_view text, std::size_t max_depth) : rest_(text), max_depth_(max_depth)
    {
        mended_.text.reserve(text.size());
    }

    MendedJson result()
    {
        while (!rest_.empty())
            next();
        return std::move(mended_);
    }

private:
    void next()
    {
        const char c = rest_[0];
        if (c == '"')
            string(&mended_.text);
        else if ((c == '[' || c == '{') && depth_ == max_depth_)
            skip();
        else if (!no_number()) {
            depth_ += c == '[' || c == '{' ? 1 : 0;
            depth_ -= (c == ']' || c == '}') && depth_ > 0 ? 1 : 0;
            take(1, &mended_.text);
        }
    }

    void take(std::size_t size, std::string* out)
    {
        if (out != nullptr)
            out->append(rest_.substr(0, size));
        rest_.remove_prefix(std::min(size, rest_.size()));
    }

    bool no_number()
    {
        for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
            if (rest_.starts_with(word)) {
                mended_.text += "null";
                rest_.remove_prefix(word.size());
                return true;
            }
        return false;
    }

    /// An array or object with all that is in it.
    void skip()
    {
        mended_.text += "null";
        mended_.left_out = true;
        std::size_t depth = 0;
        do {
            const char c = rest_[0];
            if (c == '"') {
                string(nullptr);
                continue;
            }
            depth += c == '[' || c == '{' ? 1 : 0;
            depth -= c == ']' || c == '}' ? 1 : 0;
            rest_.remove_prefix(1);
        } while (depth > 0 && !rest_.empty());
    }

    /// @param out null: nowhere
    void string(std::string* out)
    {
        take(1, out);
        while (!rest_.empty() && rest_[0] != '"') {
            if (rest_[0] == '\\')
                escape(out);
            else if (static_cast<unsigned char>(rest_[0]) < 0x20)
                replace(1, " ", out);
            else
                take(1, out);
        }
        take(1, out);
    }

    void escape(std::string* out)
    {
        if (const auto unit = escaped_unit(rest_)) {
            const auto next = leads(*unit) ? escaped_unit(rest_.substr(escape_size)) : std::nullopt;
            if (next && trails(*next))
                take(2 * escape_size, out);
            else if (leads(*unit) || trails(*unit))
                replace(escape_size, "\\ufffd", out);
            else
                take(escape_size, out);
            return;
        }
        if (rest_.size() > 1 && std::string_view{"\"\\/bfnrt"}.find(rest_[1]) != std::string_view::npos)
            take(2, out);
        else
            rest_.remove_prefix(1); // what it stands before is read as any other
    }

    void replace(std::size_t size, std::string_view by, std::string* out)
    {
        take(size, nullptr);
        if (out != nullptr)
            out->append(by);
    }

    std::string_view rest_;
    const std::size_t max_depth_;
    std::size_t depth_ = 0;
    MendedJson mended_;
};

} // namespace

MendedJson mend_json(std::string_view text, std::size_t max_depth)
{
    return Mending(text, max_depth).result();
}

} // namespace paravent::activity
