#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace paravent::statistics {

/// Numbers and texts in few bytes, for what is kept in the database: seven bits a byte, the lowest first; a text has
/// its length before it. Writing wants room (see `most_packed`), reading trusts nothing.
inline constexpr std::size_t most_packed_number = 10;
constexpr std::size_t most_packed(std::string_view text) noexcept
{
    return most_packed_number + text.size();
}

inline char* pack(char* to, std::uint64_t n) noexcept
{
    for (; n >= 0x80; n >>= 7)
        *to++ = static_cast<char>(n | 0x80);
    *to++ = static_cast<char>(n);
    return to;
}

inline char* pack(char* to, std::string_view text) noexcept
{
    to = pack(to, text.size());
    if (!text.empty())
        std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

/// Once something did not fit, `good` is false and all that is read further is empty.
class Unpacker {
public:
    explicit Unpacker(std::string_view bytes) noexcept : left_(bytes) {}

    std::uint64_t number() noexcept
    {
        std::uint64_t n = 0;
        for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            n |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80)
                return n;
        }
        return fail();
    }
    std::string_view text() noexcept
    {
        const auto size = number();
        if (size > left_.size())
            fail();
        const auto text = left_.substr(0, static_cast<std::size_t>(good_ ? size : 0));
        left_.remove_prefix(text.size());
        return text;
    }
    /// How many of something follow, each of which takes a byte at least.
    std::size_t count() noexcept
    {
        const auto n = number();
        return n <= left_.size() ? static_cast<std::size_t>(n) : static_cast<std::size_t>(fail());
    }
    bool good() const noexcept { return good_; }
    bool at_end() const noexcept { return left_.empty(); }

private:
    std::uint64_t fail() noexcept
    {
        good_ = false;
        left_ = {};
        return 0;
    }

    std::string_view left_;
    bool good_ = true;
};

} // namespace paravent::statistics
