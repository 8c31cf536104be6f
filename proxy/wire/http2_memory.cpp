#include "proxy/wire/http2_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace paravent::wire::http2 {

namespace {

constexpr std::size_t worth_pages = 16 * 1024;

std::size_t page() noexcept
{
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

Memory& memory_of(void* self) noexcept
{
    return *static_cast<Memory*>(self);
}

} // namespace

Memory::~Memory()
{
    if (block_)
        ::munmap(block_, size_);
}

nghttp2_mem Memory::functions() noexcept
{
    return {this, allocate, release, allocate_zeros, reallocate};
}

void Memory::rest() noexcept
{
    if (block_)
        ::madvise(block_, size_, MADV_DONTNEED);
}

void* Memory::allocate(std::size_t size, void* self) noexcept
{
    auto& memory = memory_of(self);
    // The session's first large block is the one; any later one holds what must not be lost.
    if (size < worth_pages || std::exchange(memory.taken_, true))
        return std::malloc(size);
    const auto whole = (size + page() - 1) / page() * page();
    void* const block = ::mmap(nullptr, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return std::malloc(size);
    memory.block_ = block;
    memory.size_ = whole;
    return block;
}

void* Memory::allocate_zeros(std::size_t count, std::size_t size, void*) noexcept
{
    return std::calloc(count, size);
}

void* Memory::reallocate(void* memory, std::size_t size, void* self) noexcept
{
    auto& its = memory_of(self);
    if (!memory)
        return allocate(size, self);
    if (memory != its.block_)
        return std::realloc(memory, size);
    if (size <= its.size_)
        return memory;
    void* const larger = std::malloc(size);
    if (larger) {
        std::memcpy(larger, memory, its.size_);
        release(memory, self);
    }
    return larger;
}

void Memory::release(void* memory, void* self) noexcept
{
    auto& its = memory_of(self);
    if (!memory || memory != its.block_)
        return std::free(memory);
    ::munmap(its.block_, its.size_);
    its.block_ = nullptr;
    its.size_ = 0;
}

} // namespace paravent::wire::http2
