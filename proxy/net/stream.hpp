#pragma once

#include "proxy/net/awaitable.hpp"
#include "proxy/net/deadlines.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>
#include <sys/uio.h>

namespace paravent::net {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Millis = std::chrono::milliseconds;

/// A connection's bytes behind one face, plain TCP today. It waits for readiness and then reads or writes at once, so
/// that nothing that idles holds a buffer. One reader and one writer at a time. Every wait has a limit: when it is over
/// the wait ends with Error::timeout. An error or EOF is final.
class Stream final : private Wait {
public:
    /// The socket must be connected, non-blocking and belong to the worker whose deadlines these are.
    Stream(Socket socket, Deadlines& deadlines) noexcept;

    /// Bytes read, 0 at the end of the peer's bytes.
    awaitable<result<std::size_t>> read_some(std::span<char> into, Millis limit);
    /// Writes all of it. `limit` is for each wait, so a slow but living reader goes on.
    awaitable<error_code> write(std::string_view first, Millis limit, std::string_view second = {},
                                std::string_view third = {});
    /// Readable, closed or broken.
    awaitable<error_code> readable(Millis limit);
    awaitable<error_code> writable(Millis limit);

    /// Without waiting: error would_block where nothing is there.
    result<std::size_t> try_read(std::span<char> into) noexcept;
    /// Bytes taken, at least 1; would_block where none can be.
    result<std::size_t> try_write(std::span<const iovec> pieces) noexcept;

    /// Nothing unread, not closed: an idle connection that can still be used.
    bool quiet() noexcept;
    /// The peer has reset the connection, or both sides are closed.
    bool broken() noexcept;
    /// The peer said its last and everything of it was read: one that waits for an answer has gone.
    bool ended() noexcept;

    /// A wait that goes on may go on for this much longer: something else moved.
    void extend(Millis limit) noexcept
    {
        if (waiting_ > 0)
            due_in(limit);
    }
    void shutdown_send() noexcept;
    /// Ends every wait with operation_aborted.
    void cancel() noexcept;
    void close() noexcept;
    /// Closes with a reset, so that the peer knows that something is missing.
    void reset() noexcept;

    int fd() { return socket_.native_handle(); }
    Socket& socket() noexcept { return socket_; }
    asio::ip::tcp::endpoint peer() const noexcept;

private:
    void expire() override;
    awaitable<error_code> wait(Socket::wait_type what, Millis limit);

    Socket socket_;
    unsigned waiting_ = 0;
    bool expired_ = false;
    bool drained_ = false; ///< the last read took all there was: don't try before the next wait
};

} // namespace paravent::net
