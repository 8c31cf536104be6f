#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>

namespace paravent::tls {

/// While the root's key exists a crash must not write it: no core dump as long as this lives, also none by a program
/// that collects them.
class NoCoreDump {
public:
    NoCoreDump() noexcept : dumpable_(::prctl(PR_GET_DUMPABLE))
    {
        (void)::getrlimit(RLIMIT_CORE, &limit_);
        const rlimit none{0, limit_.rlim_max};
        (void)::setrlimit(RLIMIT_CORE, &none);
        (void)::prctl(PR_SET_DUMPABLE, 0);
    }
    ~NoCoreDump()
    {
        (void)::setrlimit(RLIMIT_CORE, &limit_);
        if (dumpable_ == 1)
            (void)::prctl(PR_SET_DUMPABLE, 1);
    }
    NoCoreDump(const NoCoreDump&) = delete;
    NoCoreDump& operator=(const NoCoreDump&) = delete;

private:
    int dumpable_;
    rlimit limit_{};
};

} // namespace paravent::tls
