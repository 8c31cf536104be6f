#pragma once

#include "proxy/net/deadlines.hpp"
#include "proxy/server/exchange.hpp"
#include "proxy/server/upstream.hpp"

namespace paravent::server {

/// Looks now and then whether the client still waits, while only the origin is listened to.
class ClientWatch final : private net::Wait {
public:
    ClientWatch(net::Deadlines& deadlines, Exchange& exchange) : Wait(deadlines), exchange_(exchange) {}
    void watch(Upstream& upstream)
    {
        upstream_ = &upstream;
        due_in(look);
    }
    void no_more() noexcept { no_longer_due(); }
    bool client_left = false;

private:
    static constexpr net::Millis look{500};
    void expire() override
    {
        client_left = exchange_.gone();
        if (client_left)
            upstream_->cancel();
        due_in(look); // a cancel between two waits ends nothing
    }
    Exchange& exchange_;
    Upstream* upstream_ = nullptr;
};

} // namespace paravent::server
