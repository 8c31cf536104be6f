#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>

namespace paravent::wire::http2 {

/// Memory for one nghttp2 session. Two blocks of it hold nothing while the session idles: the one of 16 KiB into which
/// it writes its frames, one after the other, and its table of streams (nghttp2 1.52: 4 KiB from the start). Here both
/// lie in pages of their own, which an idle session does without.
class Memory {
public:
    Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    ~Memory(); ///< after the session

    nghttp2_mem functions() noexcept; ///< valid as long as this
    /// No frame is being written: what stands in the one block is not needed any more. The other one goes where it is
    /// as it came, all zeros, which its pages are again when they are asked for anew.
    void rest() noexcept;

private:
    static void* allocate(std::size_t size, void* self) noexcept;
    static void* allocate_zeros(std::size_t count, std::size_t size, void* self) noexcept;
    static void* reallocate(void* memory, std::size_t size, void* self) noexcept;
    static void release(void* memory, void* self) noexcept;
    bool holds(const void* memory) const noexcept;
    bool map() noexcept; ///< whether there is a region

    char* region_ = nullptr; ///< first the room for frames, behind it the one for the table
    bool frames_taken_ = false;
    std::size_t table_size_ = 0; ///< 0: not taken yet
};

} // namespace paravent::wire::http2
