#pragma once

#include "proxy/net/awaitable.hpp"
#include "proxy/net/deadlines.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <sys/uio.h>
#include <utility>

namespace paravent::net {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Millis = std::chrono::milliseconds;

/// Nothing can be done now; it is worth another try once the socket is ready.
bool is_would_block(const error_code& error) noexcept;

/// What lies between a connection's bytes and those of its socket, as TLS does. It never waits: where nothing can be
/// done now it returns would_block.
class Layer {
public:
    virtual ~Layer() = default;
    /// Bytes put into `into`; 0: the peer said that this is the end.
    virtual result<std::size_t> read(std::span<char> into) noexcept = 0;
    /// Bytes taken, at least 1. After would_block it must be called with the same bytes again, wherever they lie.
    virtual result<std::size_t> write(std::span<const iovec> pieces) noexcept = 0;
    /// Bytes can be read though the socket has none.
    virtual bool holds_bytes() const noexcept = 0;
    /// Nothing is expected for a while: what is only needed while bytes flow goes.
    virtual void rest() noexcept = 0;
    /// Says that this is the end; what the peer still sends can be read.
    virtual void end() noexcept = 0;
};

/// A connection's bytes behind one face: those of its socket, or of a layer put on it. It waits for readiness and then
/// reads or writes at once, so that nothing that idles holds a buffer. One reader and one writer at a time. Every wait
/// has a limit: when it is over the wait ends with Error::timeout. An error or EOF is final.
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

    /// From now on what is read and written goes through it. Not while something waits.
    void put_on(std::unique_ptr<Layer> layer) noexcept { layer_ = std::move(layer); }
    Layer* layer() noexcept { return layer_.get(); } ///< null: none
    /// No layer: the socket's bytes are the connection's, so the kernel may move them by itself.
    bool plain() const noexcept { return layer_ == nullptr; }
    /// Bytes can be read at once, whatever the socket has: waiting for it would be in vain.
    bool holds_bytes() const noexcept { return layer_ && layer_->holds_bytes(); }
    /// Nothing is expected for a while: an idle connection holds no buffer.
    void rest() noexcept
    {
        if (layer_)
            layer_->rest();
    }
    /// The socket's own bytes, beneath any layer.
    result<std::size_t> socket_read(std::span<char> into) noexcept;
    result<std::size_t> socket_write(std::span<const iovec> pieces) noexcept;

    /// Nothing unread, not closed: an idle connection that can still be used. A byte of a layer that should not be
    /// there is lost.
    bool quiet() noexcept;
    /// The peer has reset the connection, or both sides are closed.
    bool broken() noexcept;
    /// The peer said its last and everything of it was read: one that waits for an answer has gone. Under a layer,
    /// whose last bytes would have to be taken off the socket to be understood: the peer's socket said its last.
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
    asio::ip::address own_address() const noexcept; ///< where the peer found us; unspecified where that is not known

private:
    void expire() override;
    awaitable<error_code> wait(Socket::wait_type what, Millis limit);

    Socket socket_;
    std::unique_ptr<Layer> layer_;
    unsigned waiting_ = 0;
    bool expired_ = false;
    bool drained_ = false; ///< the last read took all there was: don't try before the next wait
};

} // namespace paravent::net
