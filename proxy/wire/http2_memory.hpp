#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>

namespace paravent::wire::http2 {

/// Memory for one nghttp2 session. nghttp2 writes its frames, one after the other, into a block of 16 KiB that it keeps
/// as long as the session lives. Here that block is made of pages of its own, which an idle session does without.
class Memory {
public:
    Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory(); ///< after the session

    nghttp2_mem functions() noexcept; ///< valid as long as this
    /// No frame is being written: what stands in the block is not needed any more.
    void rest() noexcept;

private:
    static void* allocate(std::size_t size, void* self) noexcept;
    static void* allocate_zeros(std::size_t count, std::size_t size, void* self) noexcept;
    static void* reallocate(void* memory, std::size_t size, void* self) noexcept;
    static void release(void* memory, void* self) noexcept;

    bool taken_ = false;
    void* block_ = nullptr;
    std::size_t size_ = 0; ///< of the block, in whole pages
};

} // namespace paravent::wire::http2
