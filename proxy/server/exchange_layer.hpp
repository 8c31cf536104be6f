#pragma once

#include "proxy/server/exchange.hpp"

namespace paravent::server {

/// An exchange in front of another one, which must outlive it: what it does not change goes on as it is.
class ExchangeLayer : public Exchange {
public:
    explicit ExchangeLayer(Exchange& behind) noexcept : behind_(behind) {}

    const Head& head() const noexcept override { return behind_.head(); }
    net::awaitable<net::result<std::string_view>> read_body(net::Millis limit) override
    {
        return behind_.read_body(limit);
    }
    std::string_view trailer() const noexcept override { return behind_.trailer(); }
    net::awaitable<net::error_code> write_interim(unsigned status, const Fields& fields) override
    {
        return behind_.write_interim(status, fields);
    }
    void write_head(const Reply& reply) override { behind_.write_head(reply); }
    net::awaitable<net::error_code> write_body(std::string_view bytes) override { return behind_.write_body(bytes); }
    net::awaitable<net::error_code> finish(std::string_view trailer) override { return behind_.finish(trailer); }
    void abort() noexcept override { behind_.abort(); }
    bool begun() const noexcept override { return behind_.begun(); }
    void cancel_body() noexcept override { behind_.cancel_body(); }
    bool gone() noexcept override { return behind_.gone(); }
    net::Stream* waiter() noexcept override { return behind_.waiter(); }
    net::Stream* take_over(std::string& leftover) override { return behind_.take_over(leftover); }

protected:
    Exchange& behind() noexcept { return behind_; }

private:
    Exchange& behind_;
};

} // namespace paravent::server
