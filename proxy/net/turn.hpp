#pragma once

#include "proxy/net/awaitable.hpp"

#include <cstddef>

namespace paravent::net {

/// Keeps one connection whose both sides are always ready from holding its worker for itself: it never has to wait, so
/// the others would never run. Whoever moves bytes counts them, and gives way when its share is used up.
class Turn {
public:
    static constexpr std::size_t share = 256 * 1024;

    bool used_up(std::size_t bytes) noexcept
    {
        used_ += bytes;
        if (used_ < share)
            return false;
        used_ = 0;
        return true;
    }

private:
    std::size_t used_ = 0;
};

/// Lets everything else of this worker that is ready run first.
awaitable<void> give_way(asio::io_context& context);

} // namespace paravent::net
