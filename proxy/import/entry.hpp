#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paravent::imports {

/// What an entry of a zip is by its name, the only thing known before it is read.
enum class Entry : std::uint8_t { other, json, html };

/// Folders may stand around Meta's own. Names that lead out of the archive (absolute, "..") are none of Meta's: other.
Entry entry_of(std::string_view path) noexcept;

/// Whether it stands in the folder of Instagram's export.
bool is_instagrams(std::string_view path) noexcept;

/// A mark of an HTML page, never 0: of the file and the folder it stands in, since links begin at a folder that
/// depends on the export. `from` is the page that has the link, for links without a folder.
std::uint64_t page_of(std::string_view path) noexcept;
std::uint64_t page_of_link(std::string_view link, std::string_view from);

} // namespace paravent::imports
