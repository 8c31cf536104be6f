#include "proxy/wire/http1.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace paravent::wire;
using namespace paravent::wire::http1;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

struct Outcome {
    std::string payload, trailer;
    bool failed = false, done = false;
    std::size_t taken = 0;
};

Outcome read(Framing framing, std::uint64_t length, std::string_view in, std::size_t step)
{
    BodyReader reader(framing, length);
    Outcome out;
    std::size_t end = 0;
    while (!out.failed && !reader.done() && end < in.size()) {
        end = std::min(end + step, in.size());
        while (!reader.done()) {
            const std::string_view window = in.substr(out.taken, end - out.taken);
            const auto piece = reader.next(window);
            if (!piece) {
                out.failed = true;
                break;
            }
            require(piece->consumed <= window.size() && piece->payload.size() <= piece->consumed);
            if (piece->consumed == 0)
                break;
            out.payload += piece->payload;
            out.taken += piece->consumed;
        }
    }
    out.done = reader.done();
    out.trailer = reader.trailer();
    return out;
}

} // namespace

/// A body comes out the same whether it comes in one piece, byte by byte, or in pieces that the input's first byte
/// sizes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const std::string_view in(reinterpret_cast<const char*>(data + 2), size - 2);
    const Framing framing = data[0] == 0 ? Framing::length : data[0] == 1 ? Framing::until_close : Framing::chunked;
    const std::uint64_t length = data[1] * 5U;
    const Outcome whole = read(framing, length, in, std::max<std::size_t>(in.size(), 1));
    for (const std::size_t step : {std::size_t{1}, std::size_t{1} + data[1]}) {
        const Outcome part = read(framing, length, in, step);
        require(part.payload == whole.payload && part.failed == whole.failed && part.done == whole.done);
        require(whole.failed || (part.taken == whole.taken && part.trailer == whole.trailer));
    }
    // Gathered it is the same, and a fault comes before any of it.
    std::string bytes(in);
    BodyReader reader(framing, length);
    const auto all = reader.gather(bytes);
    require(all ? !whole.failed && all->payload == whole.payload && all->consumed == whole.taken : whole.failed);
    require(!(whole.failed && whole.done));
    require(whole.trailer.size() <= 2 * max_trailer);

    // What was understood and written anew says the same.
    if (framing != Framing::chunked || !whole.done)
        return 0;
    std::string written;
    if (!whole.payload.empty()) {
        write_chunk_head(written, whole.payload.size());
        written.append(whole.payload).append("\r\n");
    }
    write_last_chunk(written, whole.trailer);
    const Outcome again = read(framing, 0, written, written.size());
    if (!again.failed) // or the blanks behind the colons go over the bound
        require(again.done && again.payload == whole.payload && again.trailer == whole.trailer);
    else
        require(whole.trailer.size() + 200 > max_trailer);
    return 0;
}
