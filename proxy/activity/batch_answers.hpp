#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::activity {

/// Meta's reply to what was left of a batch, made whole again: a JSON list with one answer for each part of the batch
/// that was asked, in its place. Works on the bytes as they come and keeps none of them. A reply that is no list (an
/// error of the whole request) stays what it is.
class BatchAnswers {
public:
    /// @param parts how many were asked
    /// @param ours our answers (JSON) by their places, which rise
    BatchAnswers(std::size_t parts, std::vector<std::pair<std::size_t, std::string>> ours)
        : parts_(parts), ours_(std::move(ours))
    {
    }

    /// What these bytes become.
    std::string take(std::string_view bytes);
    /// The list where nothing was asked of Meta.
    std::string alone();

private:
    void take_one(char c, std::string& out);
    void put_ours(std::string& out);
    void before_entry(std::string& out);
    void end_list(std::string& out);

    std::size_t parts_;
    std::vector<std::pair<std::size_t, std::string>> ours_;
    std::size_t next_ = 0, next_ours_ = 0; ///< the place that comes next; the first of ours not yet given
    enum class State : std::uint8_t {
        before,  ///< nothing came but blanks
        between, ///< in the list, outside its entries
        entry,
        text,    ///< in a string of an entry
        escaped, ///< behind a backslash of it
        after,   ///< the list has ended, or there is none
    };
    State state_ = State::before;
    std::size_t depth_ = 0; ///< of brackets inside an entry
};

} // namespace paravent::activity
