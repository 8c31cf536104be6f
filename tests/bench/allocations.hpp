#pragma once

#include <cstddef>

/// How often this program has asked for memory with `new` since it began. Link tests/bench/allocations.cpp.
std::size_t allocations() noexcept;
