#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace paravent::lists {

inline constexpr std::size_t largest_file = std::size_t{64} << 20;
inline constexpr std::size_t largest_text = std::size_t{256} << 20;

/// The text of a list, or why there is none.
struct ListText {
    std::string text;
    std::int64_t changed_ms = 0; ///< the file's time
    std::string fault; ///< as a sentence's end, "cannot be read: No such file or directory"; empty: all is well
};

/// Reads a file of rules, plain or gzip, whose text has at most `most` bytes. What is no regular file, over `largest`
/// bytes, damaged or not text at all has a fault.
ListText read_list(const std::filesystem::path& file, std::size_t most, std::size_t largest = largest_file);

/// Keeps a copy with the time of the original; nothing is written where the same text stands there already. The copy
/// is whole or the old one (temporary file, fsync, rename). Returns why it could not be kept, else empty.
std::string keep_list(const std::filesystem::path& file, const ListText& list);

} // namespace paravent::lists
