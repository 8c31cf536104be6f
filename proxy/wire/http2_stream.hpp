#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace paravent::wire::http2 {

/// What waits to go out of one stream.
class Queue {
public:
    std::size_t size() const noexcept { return bytes_.size() - taken_; }

    void put(std::string_view bytes)
    {
        if (taken_ >= compact_from) {
            bytes_.erase(0, taken_);
            taken_ = 0;
        }
        bytes_.append(bytes);
    }

    std::size_t take(char* to, std::size_t most) noexcept
    {
        const std::size_t n = std::min(most, size());
        if (n != 0)
            std::memcpy(to, bytes_.data() + taken_, n);
        taken_ += n;
        if (size() == 0)
            clear();
        return n;
    }

    void clear() noexcept
    {
        taken_ = 0;
        if (bytes_.capacity() > compact_from)
            std::string{}.swap(bytes_);
        bytes_.clear();
    }

private:
    static constexpr std::size_t compact_from = std::size_t{16} * 1024;
    std::string bytes_;
    std::size_t taken_ = 0;
};

/// What a session knows of a stream, from its head (client: its request) until nghttp2 closed it and all that came was
/// consumed.
struct Stream {
    Queue queue;
    std::string trailer;        ///< to go out
    std::size_t unconsumed = 0; ///< bytes of body that the listener holds
    unsigned interim = 0;       ///< heads 1xx that came
    bool told = true;           ///< the listener knows it (not: what is answered here)
    bool head_came = false;     ///< client: the final response's
    bool peer_ended = false;
    bool answered = false; ///< our head is on its way
    bool has_body = false; ///< and write may be called
    bool finished = false; ///< no more of it comes
    bool we_ended = false; ///< END_STREAM is out
    bool deferred = false; ///< nghttp2 waits for more to send
    bool wants_room = false;
    bool dropped = false; ///< we reset it; nghttp2 does not know yet
    bool closed = false;  ///< nghttp2 forgot it; only its bytes are still held
    bool open() const noexcept { return !dropped && !closed; }
};

} // namespace paravent::wire::http2
