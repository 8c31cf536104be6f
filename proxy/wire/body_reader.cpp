#include "proxy/wire/characters.hpp"
#include "proxy/wire/head_lines.hpp"
#include "proxy/wire/http1.hpp"
#include "proxy/wire/trailer.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace paravent::wire::http1 {
namespace {

constexpr std::size_t max_size_digits = 16;

constexpr int hex_value(char c) noexcept
{
    if (is_digit(c))
        return c - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Length of the line at the start of `in`, its CRLF included; 0 while incomplete.
result<std::size_t> line_length(std::string_view in, std::size_t most) noexcept
{
    const std::string_view window = in.substr(0, most);
    const void* found = window.empty() ? nullptr : std::memchr(window.data(), '\n', window.size());
    if (found == nullptr) {
        if (window.size() == most)
            return Error::bad_chunk;
        return std::size_t{0};
    }
    const auto lf = static_cast<std::size_t>(static_cast<const char*>(found) - window.data());
    if (lf == 0 || window[lf - 1] != '\r')
        return Error::bad_chunk;
    return lf + 1;
}

} // namespace

BodyReader::BodyReader(Framing framing, std::uint64_t length) noexcept
    : framing_(framing), done_(framing == Framing::none || (framing == Framing::length && length == 0)),
      remaining_(framing == Framing::length ? length : 0)
{
}

bool BodyReader::at_close() noexcept
{
    if (framing_ == Framing::until_close)
        done_ = true;
    return done_;
}

result<BodyReader::Piece> BodyReader::next(std::string_view in)
{
    Piece piece;
    if (done_)
        return piece;
    if (framing_ == Framing::until_close)
        return Piece{in.size(), in};

    while (piece.consumed < in.size() && !done_) {
        const std::string_view rest = in.substr(piece.consumed);
        if (framing_ == Framing::length || state_ == State::data) {
            if (!piece.payload.empty())
                return piece;
            piece.payload = rest.substr(0, std::min<std::uint64_t>(remaining_, rest.size()));
            piece.consumed += piece.payload.size();
            remaining_ -= piece.payload.size();
            if (remaining_ == 0) {
                done_ = framing_ == Framing::length;
                state_ = State::data_end;
            }
            continue;
        }
        const auto taken = framing_bytes(rest);
        if (!taken && piece.payload.empty())
            return taken.error();
        // An error behind a payload is found again by the next call, as the bytes that have it were not taken.
        if (!taken || *taken == 0)
            return piece;
        piece.consumed += *taken;
    }
    return piece;
}

result<BodyReader::Piece> BodyReader::gather(std::span<char> in)
{
    Piece all;
    char* begin = nullptr;
    std::size_t size = 0;
    while (!done_) {
        const auto piece = next({in.data() + all.consumed, in.size() - all.consumed});
        if (!piece)
            return piece.error();
        if (piece->consumed == 0)
            break;
        if (!piece->payload.empty()) {
            // The payload of a later call lies behind all of the earlier ones, so it only ever moves forward.
            char* const from = in.data() + (piece->payload.data() - in.data());
            if (size == 0)
                begin = from;
            else
                std::memmove(begin + size, from, piece->payload.size());
            size += piece->payload.size();
        }
        all.consumed += piece->consumed;
    }
    all.payload = {begin, size};
    return all;
}

/// Takes one piece of what stands around the payloads. Returns its length, 0 while it is incomplete.
result<std::size_t> BodyReader::framing_bytes(std::string_view in)
{
    if (state_ == State::size)
        return chunk_head(in);
    if (state_ == State::trailer)
        return trailer_line(in);
    constexpr std::string_view line_end = "\r\n";
    if (!line_end.starts_with(in.substr(0, 2)))
        return Error::bad_chunk;
    if (in.size() < 2)
        return std::size_t{0};
    state_ = State::size;
    return std::size_t{2};
}

/// Hexadecimal digits, then CRLF or a semicolon with extensions, which are passed over. No sign, no blank.
result<std::size_t> BodyReader::chunk_head(std::string_view in) noexcept
{
    std::uint64_t size = 0;
    std::size_t digits = 0;
    for (; digits < in.size() && hex_value(in[digits]) >= 0; ++digits) {
        if (digits == max_size_digits)
            return Error::bad_chunk;
        size = size * 16 + static_cast<unsigned>(hex_value(in[digits]));
    }
    // Lengths stay below 2^63 everywhere, so that sums of them do not wrap.
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return Error::bad_chunk;
    if (digits == in.size())
        return std::size_t{0};
    if (digits == 0 || (in[digits] != ';' && !std::string_view{"\r\n"}.starts_with(in.substr(digits, 2))))
        return Error::bad_chunk;

    const auto line = line_length(in, max_chunk_line);
    if (!line || *line == 0)
        return line;
    const std::string_view extensions = in.substr(digits, *line - digits - 2);
    if (!is_text(extensions) || extensions.size() > max_extensions - extension_seen_)
        return Error::bad_chunk;
    extension_seen_ += extensions.size();
    remaining_ = size;
    state_ = size == 0 ? State::trailer : State::data;
    return line;
}

result<std::size_t> BodyReader::trailer_line(std::string_view in)
{
    const auto line = line_length(in, max_trailer - trailer_seen_);
    if (!line || *line == 0)
        return line;
    trailer_seen_ += *line;
    if (*line == 2) {
        done_ = true;
        return line;
    }
    Field field;
    if (++trailer_fields_ > max_fields || !read_field(in.substr(0, *line - 2), field))
        return Error::bad_chunk;
    if (may_be_trailer(field.name))
        trailer_.append(field.name).append(": ").append(field.value).append("\r\n");
    return line;
}

} // namespace paravent::wire::http1
