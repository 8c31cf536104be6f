#include "proxy/dashboard/feed.hpp"

#include "proxy/dashboard/reply.hpp"
#include "proxy/dashboard/shapes.hpp"
#include "proxy/statistics/matching.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <mutex>

namespace paravent::dashboard {
namespace {

/// Shared by the feed and the recorder's listener, which may outlive it by one call.
class Unread {
public:
    explicit Unread(const statistics::EventQuery& query) : matcher_(query) {}

    void add(const activity::Event& event)
    {
        if (!matcher_.matches(statistics::facts_of(event)))
            return;
        if (!may_pass())
            return;
        const auto message = "id: " + std::to_string(event.id) + "\ndata: " + text_of(shape(event)) + "\n\n";
        const std::lock_guard lock(mutex_);
        if (bytes_.size() + message.size() > max_unread_bytes) {
            ++dropped_;
            return;
        }
        // In its place, so that the reader knows between which two events some are missing.
        if (dropped_ > 0)
            bytes_ += dropped_message();
        bytes_ += message;
        call_reader();
    }

    std::string take()
    {
        const std::lock_guard lock(mutex_);
        std::string out = std::exchange(bytes_, {});
        if (dropped_ > 0)
            out += dropped_message();
        waiting_ = out.empty();
        return out;
    }

    void on_ready(std::function<void()> wake)
    {
        const std::lock_guard lock(mutex_);
        wake_ = std::move(wake);
        if (!bytes_.empty())
            call_reader();
    }

private:
    /// Of a flood only so much is written out: nobody reads faster, and it is done on the proxy's own threads.
    bool may_pass()
    {
        constexpr double most = 2000, a_second = 500;
        const auto now = Clock::now();
        const std::lock_guard lock(mutex_);
        allowance_ = std::min(most, allowance_ + a_second * std::chrono::duration<double>(now - refilled_).count());
        refilled_ = now;
        if (allowance_ < 1) {
            ++dropped_;
            return false;
        }
        allowance_ -= 1;
        return true;
    }

    std::string dropped_message()
    {
        return "event: dropped\ndata: {\"dropped\": " + std::to_string(std::exchange(dropped_, 0)) + "}\n\n";
    }

    /// Under the lock, so that nobody is woken once `on_ready(nullptr)` has returned. A wake only posts.
    void call_reader()
    {
        if (std::exchange(waiting_, false) && wake_)
            wake_();
    }

    using Clock = std::chrono::steady_clock;
    const statistics::Matcher matcher_;
    double allowance_ = 0; ///< events that may pass at once; full after some seconds
    Clock::time_point refilled_{};
    std::mutex mutex_;
    std::string bytes_ = ": listening\nretry: 3000\n\n";
    std::uint64_t dropped_ = 0;
    bool waiting_ = false; ///< the last take came back empty and nobody was woken since
    std::function<void()> wake_;
};

class EventFeed : public server::Feed {
public:
    EventFeed(statistics::Recorder& recorder, const statistics::EventQuery& query)
        : unread_(std::make_shared<Unread>(query)),
          listening_(recorder.listen([unread = unread_](const activity::Event& event) { unread->add(event); }))
    {
    }

    std::string take() override { return unread_->take(); }
    void on_ready(std::function<void()> wake) override { unread_->on_ready(std::move(wake)); }

private:
    std::shared_ptr<Unread> unread_;
    std::shared_ptr<void> listening_;
};

} // namespace

std::shared_ptr<server::Feed> follow(statistics::Recorder& recorder, const statistics::EventQuery& query)
{
    return std::make_shared<EventFeed>(recorder, query);
}

} // namespace paravent::dashboard
