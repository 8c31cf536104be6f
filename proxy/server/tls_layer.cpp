#include "proxy/server/tls_layer.hpp"

#include "proxy/net/error.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace paravent::server {

using Outcome = tls::Session::Outcome;

namespace {

constexpr std::size_t record = 16 * 1024; ///< the most that one holds (RFC 8446, section 5.1)

net::error_code would_block() noexcept
{
    return make_error_code(boost::system::errc::operation_would_block);
}

/// What a call that moved nothing means to a reader or writer.
net::error_code error_of(Outcome outcome) noexcept
{
    switch (outcome) {
    case Outcome::wants_read: // whoever reads next takes the session on; so does whoever writes next
    case Outcome::wants_write:
        return would_block();
    default:
        return net::Error::closed;
    }
}

} // namespace

net::awaitable<Outcome> TlsLayer::shake_hands(net::Millis limit)
{
    const auto until = net::coarse_now() + limit.count();
    for (;;) {
        const auto outcome = session_->handshake();
        if (outcome != Outcome::wants_read && outcome != Outcome::wants_write)
            co_return outcome;
        const net::Millis left{until - net::coarse_now()};
        if (left <= net::Millis(0))
            co_return Outcome::cut;
        net::error_code error;
        if (outcome == Outcome::wants_read)
            error = co_await stream_.readable(left);
        else
            error = co_await stream_.writable(left);
        if (error)
            co_return Outcome::cut;
    }
}

net::result<std::size_t> TlsLayer::read(std::span<char> into) noexcept
{
    const auto moved = session_->read(into);
    if (moved.outcome == Outcome::done)
        return moved.bytes;
    if (moved.outcome == Outcome::ended)
        return std::size_t{0};
    return error_of(moved.outcome);
}

/// Small pieces leave as one record: a head with the beginning of its body, a chunk with its framing.
net::result<std::size_t> TlsLayer::write(std::span<const iovec> pieces) noexcept
{
    std::array<char, record> joined; // NOLINT(cppcoreguidelines-pro-type-member-init): filled as far as it is used
    std::string_view bytes{static_cast<const char*>(pieces[0].iov_base), std::min(pieces[0].iov_len, record)};
    if (pieces.size() > 1 && bytes.size() < record) {
        std::size_t size = 0;
        for (const auto& piece : pieces) {
            const auto part = std::min(piece.iov_len, record - size);
            std::memcpy(joined.data() + size, piece.iov_base, part);
            size += part;
        }
        bytes = {joined.data(), size};
    }
    const auto moved = session_->write(bytes);
    if (moved.outcome == Outcome::done)
        return moved.bytes;
    return error_of(moved.outcome);
}

boost::system::result<std::size_t> TlsLayer::take(std::span<char> into) noexcept
{
    return stream_.socket_read(into);
}

boost::system::result<std::size_t> TlsLayer::give(std::string_view bytes) noexcept
{
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    return stream_.socket_write({&piece, 1});
}

} // namespace paravent::server
