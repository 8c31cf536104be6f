#pragma once

#include "proxy/server/local_site.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace paravent::dashboard {

/// A JSON body that takes its time; the dashboard's thread does not wait for it. Blanks, which JSON may have in front,
/// tell the client meanwhile that it will come.
class LateReply final : public server::Feed {
public:
    /// Once.
    void give(std::string body)
    {
        const std::lock_guard lock(mutex_);
        body_ = std::move(body);
        given_ = true;
        if (std::exchange(waiting_, false) && wake_)
            wake_();
    }

    std::string take() override
    {
        const std::lock_guard lock(mutex_);
        waiting_ = body_.empty();
        return std::exchange(body_, {});
    }

    void on_ready(std::function<void()> wake) override
    {
        const std::lock_guard lock(mutex_);
        wake_ = std::move(wake);
        if (given_ && wake_)
            wake_();
    }

    std::string_view heartbeat() const noexcept override { return " "; }

    bool finished() const noexcept override
    {
        const std::lock_guard lock(mutex_);
        return given_ && body_.empty();
    }

private:
    mutable std::mutex mutex_;
    std::string body_;
    bool given_ = false;
    bool waiting_ = false; ///< the last take came back empty and nobody was woken since
    std::function<void()> wake_;
};

} // namespace paravent::dashboard
