#pragma once

namespace paravent {

/// The running service that started this process so that it takes over (successor.hpp), where there is one. It is found
/// by the environment, which is freed of it: before there are threads.
class Predecessor {
public:
    Predecessor();
    ~Predecessor();
    Predecessor(const Predecessor&) = delete;
    Predecessor& operator=(const Predecessor&) = delete;

    /// Returns once the state directory is ours; at once where nobody had it.
    /// @throws std::runtime_error where the predecessor has gone
    void take_state();
    /// The lock of its state directory, handed on as a descriptor; -1: none. Whoever takes it closes it.
    int take_lock() noexcept;
    /// This process serves: the predecessor may end.
    void succeed() noexcept;

private:
    int channel_ = -1, lock_ = -1;
};

} // namespace paravent
