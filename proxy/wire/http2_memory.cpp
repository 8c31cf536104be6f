#include "proxy/wire/http2_memory.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace paravent::wire::http2 {

namespace {

// Whole pages on every kernel (arm64 has some of 16 and 64 KiB). Of address space only: what is not written to is not
// there.
constexpr std::size_t room_for_frames = std::size_t{64} * 1024, room_for_table = std::size_t{64} * 1024;
constexpr std::size_t least_frames = std::size_t{16} * 1024, least_table = std::size_t{4} * 1024;

Memory& memory_of(void* self) noexcept
{
    return *static_cast<Memory*>(self);
}

} // namespace

Memory::~Memory()
{
    if (region_)
        ::munmap(region_, room_for_frames + room_for_table);
}

nghttp2_mem Memory::functions() noexcept
{
    return {this, allocate, release, allocate_zeros, reallocate};
}

void Memory::rest() noexcept
{
    if (!region_)
        return;
    const char* const table = region_ + room_for_frames;
    const bool clean = table_size_ != 0 && table[0] == 0 && std::memcmp(table, table + 1, table_size_ - 1) == 0;
    ::madvise(region_, clean ? room_for_frames + room_for_table : room_for_frames, MADV_DONTNEED);
}

bool Memory::map() noexcept
{
    if (region_)
        return true;
    void* const region = ::mmap(nullptr, room_for_frames + room_for_table, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED)
        return false;
    region_ = static_cast<char*>(region);
    ::madvise(region_, room_for_frames + room_for_table, MADV_NOHUGEPAGE); // many lie side by side
    return true;
}

bool Memory::holds(const void* memory) const noexcept
{
    return region_ && (memory == region_ || memory == region_ + room_for_frames);
}

/// The session's first large block is the one for frames; any later one holds what must not be lost.
void* Memory::allocate(std::size_t size, void* self) noexcept
{
    auto& memory = memory_of(self);
    if (size < least_frames || size > room_for_frames || std::exchange(memory.frames_taken_, true) || !memory.map())
        return std::malloc(size);
    return memory.region_;
}

/// Its first large array of zeros is the table; a second one would be a larger table, for more streams than come.
void* Memory::allocate_zeros(std::size_t count, std::size_t size, void* self) noexcept
{
    auto& memory = memory_of(self);
    const bool table = count > 1 && size != 0 && count <= room_for_table / size && count * size >= least_table;
    if (!table || memory.table_size_ != 0 || !memory.map())
        return std::calloc(count, size);
    memory.table_size_ = count * size;
    return memory.region_ + room_for_frames;
}

void* Memory::reallocate(void* memory, std::size_t size, void* self) noexcept
{
    auto& its = memory_of(self);
    if (!memory)
        return allocate(size, self);
    if (!its.holds(memory))
        return std::realloc(memory, size);
    constexpr auto room = room_for_frames < room_for_table ? room_for_frames : room_for_table;
    if (size <= room)
        return memory;
    void* const larger = std::malloc(size);
    if (larger) {
        std::memcpy(larger, memory, room);
        release(memory, self);
    }
    return larger;
}

/// A room is not given out a second time.
void Memory::release(void* memory, void* self) noexcept
{
    if (!memory_of(self).holds(memory))
        std::free(memory);
}

} // namespace paravent::wire::http2
