#pragma once

#include "proxy/server/local_site.hpp"

#include <mutex>

namespace paravent {

/// While another process takes the state directory over, a change made here would be lost: the dashboard refuses it for
/// that moment, and goes on showing. From any thread.
class ChangePause {
public:
    server::LocalSite site(server::LocalSite dashboard); ///< the dashboard with this in front; `*this` must outlive it
    void begin();                                        ///< returns once no change is under way
    void end();

private:
    std::mutex changing_; ///< held during a change
    bool paused_ = false;
};

} // namespace paravent
