#pragma once

#include <cstddef>
#include <string>

namespace paravent::dashboard {

/// Browsers write half a character (a text cut within a smiley) into a HAR as "\ud83d" alone, which is no Unicode and
/// which Boost.JSON refuses. Such an escape becomes "\ufffd", in place.
/// Returns how much of the beginning of `text` is settled; the rest needs what follows, unless this is the `last`
/// piece.
std::size_t replace_lone_surrogates(std::string& text, bool last) noexcept;

} // namespace paravent::dashboard
