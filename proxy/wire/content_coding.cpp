#include "proxy/wire/content_coding.hpp"

#include "proxy/wire/http1.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

namespace paravent::wire {
namespace {

using Ending = Inflated::Ending;

constexpr int largest_window = 15; ///< of zlib: 32 KiB
constexpr std::size_t max_codings = 2;

/// zlib's state, released whatever happens.
class Stream {
public:
    explicit Stream(int window_bits) { good_ = inflateInit2(&stream_, window_bits) == Z_OK; }
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

enum class Coding : std::uint8_t { gzip, zlib, raw_deflate };

int window_bits(Coding coding) noexcept
{
    switch (coding) {
    case Coding::gzip:
        return largest_window + 16;
    case Coding::zlib:
        return largest_window;
    case Coding::raw_deflate:
        break;
    }
    return -largest_window;
}

Inflated run(Coding coding, std::string_view bytes, std::size_t largest)
{
    Inflated out;
    Stream stream(window_bits(coding));
    if (!stream) {
        out.ending = Ending::damaged;
        return out;
    }
    // zlib only reads from it.
    stream->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream->avail_in = static_cast<uInt>(bytes.size());
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        stream->next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream->avail_out = static_cast<uInt>(buffer.size());
        const int result = ::inflate(stream.get(), Z_NO_FLUSH);
        const std::size_t got = buffer.size() - stream->avail_out;
        const std::size_t room = largest - out.bytes.size();
        out.bytes.append(buffer.data(), std::min(got, room));
        if (got > room) {
            out.ending = Ending::too_large;
            return out;
        }
        if (result == Z_STREAM_END) {
            const auto rest = bytes.substr(bytes.size() - stream->avail_in);
            if (coding != Coding::gzip || !rest.starts_with("\x1f\x8b\x08"))
                return out;
            if (inflateReset(stream.get()) != Z_OK)
                return out;
        } else if (result != Z_OK) {
            out.ending = result == Z_BUF_ERROR && stream->avail_in == 0 ? Ending::cut : Ending::damaged;
            return out;
        }
    }
}

/// RFC 1950: a header of two bytes that tells deflate and is a multiple of 31.
bool is_zlib(std::string_view bytes) noexcept
{
    if (bytes.size() < 2)
        return true; // too short to tell; the same is missing either way
    const auto first = static_cast<unsigned char>(bytes[0]), second = static_cast<unsigned char>(bytes[1]);
    return (first & 0x0F) == 8 && (first * 256 + second) % 31 == 0;
}

std::vector<std::string_view> codings_of(std::string_view field)
{
    std::vector<std::string_view> codings;
    while (!field.empty() && codings.size() <= max_codings) {
        auto name = field.substr(0, field.find(','));
        field.remove_prefix(std::min(name.size() + 1, field.size()));
        name.remove_prefix(std::min(name.find_first_not_of(" \t"), name.size()));
        name = name.substr(0, name.find_last_not_of(" \t") + 1);
        if (!name.empty() && !http1::equals_ignore_case(name, "identity"))
            codings.push_back(name);
    }
    return codings;
}

} // namespace

Inflated inflate(std::string_view content_encoding, std::string_view bytes, std::size_t largest)
{
    const bool all = bytes.size() <= max_captured_bytes;
    bytes = bytes.substr(0, max_captured_bytes);
    const auto codings = codings_of(content_encoding);
    Inflated out;
    if (codings.empty()) {
        out.bytes = bytes.substr(0, largest);
        out.ending = all && bytes.size() <= largest ? Ending::whole : Ending::too_large;
        return out;
    }
    if (codings.size() > max_codings) {
        out.ending = Ending::unknown;
        return out;
    }
    // The last one named was put on last.
    std::string before;
    auto worst = Ending::whole;
    for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
        if (http1::equals_ignore_case(*coding, "gzip") || http1::equals_ignore_case(*coding, "x-gzip"))
            out = run(Coding::gzip, bytes, largest);
        else if (http1::equals_ignore_case(*coding, "deflate"))
            out = run(is_zlib(bytes) ? Coding::zlib : Coding::raw_deflate, bytes, largest);
        else {
            out = {{}, Ending::unknown};
            return out;
        }
        if (worst == Ending::whole)
            worst = out.ending;
        before = std::move(out.bytes);
        bytes = before;
    }
    out.bytes = std::move(before);
    out.ending = !all && worst == Ending::cut ? Ending::too_large : worst;
    return out;
}

} // namespace paravent::wire
