#include "proxy/lists/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace paravent::lists {
namespace {

/// zlib's state, released whatever happens.
class Stream {
public:
    Stream() { good_ = inflateInit2(&stream_, 15 + 16) == Z_OK; } // 16: gzip alone, no raw zlib
    ~Stream()
    {
        if (good_)
            inflateEnd(&stream_);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    explicit operator bool() const noexcept { return good_; }
    z_stream* operator->() noexcept { return &stream_; }
    z_stream* get() noexcept { return &stream_; }

private:
    z_stream stream_{};
    bool good_ = false;
};

} // namespace

bool is_gzip(std::string_view bytes) noexcept
{
    return bytes.starts_with("\x1f\x8b\x08");
}

Inflated inflate_gzip(std::string_view bytes, std::size_t largest, std::string& out)
{
    Stream stream;
    if (!stream || bytes.size() > std::numeric_limits<uInt>::max())
        return Inflated::damaged;
    // zlib only reads from it.
    stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream->avail_in = static_cast<uInt>(bytes.size());

    std::array<char, 65'536> buffer;
    for (;;) {
        stream->next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream->avail_out = static_cast<uInt>(buffer.size());
        const int result = inflate(stream.get(), Z_NO_FLUSH);
        const std::size_t got = buffer.size() - stream->avail_out;
        if (got > largest - std::min(largest, out.size()))
            return Inflated::too_large;
        out.append(buffer.data(), got);
        if (result == Z_STREAM_END) {
            const std::string_view rest = bytes.substr(bytes.size() - stream->avail_in);
            if (rest.find_first_not_of('\0') == rest.npos) // padding of a tape or a block device
                return Inflated::whole;
            if (!is_gzip(rest) || inflateReset(stream.get()) != Z_OK)
                return Inflated::damaged;
        } else if (result != Z_OK) {
            return Inflated::damaged; // also a file that ends too early: Z_BUF_ERROR
        }
    }
}

} // namespace paravent::lists
