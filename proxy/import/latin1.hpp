#pragma once

#include <string>
#include <string_view>

namespace paravent::imports {

/// Meta writes each byte of a text's UTF-8 as a character of its own: "\u00c3\u00a9" for é. Such text becomes what it
/// was; any other stays as it is. `cut`: the text's end is missing, and may stand in the middle of a character.
std::string mend_latin1(std::string_view text, bool cut = false);

} // namespace paravent::imports
