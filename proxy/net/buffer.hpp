#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace paravent::net {

/// Bytes read and not yet used, in one piece. Holds memory only while it holds bytes or is being read into.
class Buffer {
public:
    static constexpr std::size_t usual = 16 * 1024;

    std::string_view view() const noexcept { return {data_.get() + begin_, end_ - begin_}; }
    /// The same, to be rearranged in place.
    std::span<char> bytes() noexcept { return {data_.get() + begin_, end_ - begin_}; }
    bool empty() const noexcept { return begin_ == end_; }
    void consume(std::size_t n) noexcept { begin_ += n; }

    /// Room for at least `least` more bytes behind what is there. Moves what is there, so views into it end.
    std::span<char> room(std::size_t least = 1)
    {
        if (empty())
            begin_ = end_ = 0;
        if (capacity_ - end_ < least) {
            const std::size_t held = end_ - begin_;
            std::size_t wanted = capacity_ > usual ? capacity_ : usual;
            while (wanted - held < least)
                wanted *= 2;
            if (wanted > capacity_) {
                // Not make_unique: nobody reads these bytes before they are written.
                std::unique_ptr<char[]> larger(new char[wanted]);
                if (held)
                    std::memcpy(larger.get(), data_.get() + begin_, held);
                data_ = std::move(larger);
                capacity_ = wanted;
            } else {
                std::memmove(data_.get(), data_.get() + begin_, held);
            }
            begin_ = 0;
            end_ = held;
        }
        return {data_.get() + end_, capacity_ - end_};
    }
    void commit(std::size_t n) noexcept { end_ += n; }

    /// Gives the memory back where it holds nothing.
    void release_if_empty() noexcept
    {
        if (empty()) {
            data_.reset();
            begin_ = end_ = capacity_ = 0;
        }
    }

private:
    std::unique_ptr<char[]> data_;
    std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

} // namespace paravent::net
