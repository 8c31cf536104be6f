#pragma once

#include <string_view>

namespace paravent::imports {

constexpr int unclear_month = -1; ///< two languages mean two months by the word

/// The month (1 to 12) that a word names, whole or shortened as calendars do, in the languages of Europe and some more;
/// 0 where it is none that is known. In lower case, as far as it is ASCII.
int month_of(std::string_view word);

} // namespace paravent::imports
