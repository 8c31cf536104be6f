#pragma once

#include <cstdint>
#include <string_view>

namespace paravent::imports {

/// A point in time as a page shows it to a person.
struct Moment {
    enum class Kind : std::uint8_t {
        none,   ///< the text is something else
        unread, ///< it is a time, in a language, a calendar or a form that is not understood
        time
    };
    Kind kind = Kind::none;
    std::int64_t seconds = 0; ///< Unix time, as if it were UTC where no zone stands
    bool zoned = false;
};

/// "Mar 11, 2021, 4:36 AM", "11 mars 2021 à 04:36", "11.03.2021, 04:36", "2021-03-11T04:36:00Z" and the like. Months by
/// name in the languages of Europe and some more (month.hpp), in numbers in any. 3/11/2021 is in March with AM or PM
/// beside it, else in November. The time may stand before the date. Where day and month might be either, as in
/// "word 10 9, 2025", it is unread: a wrong day would be worse than none.
Moment read_moment(std::string_view text);

} // namespace paravent::imports
