#include "proxy/net/signal.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/post.hpp>

namespace paravent::net {

struct Signal::Waiter {
    virtual ~Waiter() = default;
    virtual void resume() = 0;
};

template <class Handler>
struct Signal::Held final : Signal::Waiter {
    explicit Held(Handler h) : handler(std::move(h)) {}
    void resume() override
    {
        const auto executor = asio::get_associated_executor(handler);
        asio::post(executor, std::move(handler));
    }
    Handler handler;
};

Signal::Signal(Signals& signals) noexcept : signals_(signals) {}

Signal::~Signal()
{
    if (waiter_)
        unlink();
}

void Signal::link() noexcept
{
    before_ = nullptr;
    after_ = signals_.first_;
    if (after_)
        after_->before_ = this;
    signals_.first_ = this;
}

void Signal::unlink() noexcept
{
    (before_ ? before_->after_ : signals_.first_) = after_;
    if (after_)
        after_->before_ = before_;
}

void Signals::drop() noexcept
{
    while (first_) {
        Signal& signal = *first_;
        signal.unlink();
        const auto waiter = std::move(signal.waiter_); // what it destroys may own the signal
    }
}

void Signal::set() noexcept
{
    if (!waiter_) {
        set_ = true;
        return;
    }
    unlink();
    const auto waiter = std::move(waiter_);
    waiter->resume();
}

awaitable<void> Signal::wait()
{
    if (set_) {
        set_ = false;
        co_return;
    }
    co_await asio::async_initiate<const asio::deferred_t&, void()>(
        [this](auto handler) {
            waiter_ = std::make_unique<Held<decltype(handler)>>(std::move(handler));
            link();
        },
        asio::deferred);
}

} // namespace paravent::net
