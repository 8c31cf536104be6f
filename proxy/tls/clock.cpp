#include "proxy/tls/clock.hpp"

namespace paravent::tls {

Seconds built_at() noexcept
{
    return PARAVENT_BUILT_AT;
}

} // namespace paravent::tls
