#pragma once

#include <cstddef>
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
    /// Whether every answer stands in its place.
    bool complete() const noexcept { return ended_; }
    /// The list where nothing was asked of Meta.
    std::string alone();

private:
    void put_ours(std::string& out);
    void before_entry(std::string& out);
    void end_list(std::string& out);

    std::size_t parts_;
    std::vector<std::pair<std::size_t, std::string>> ours_;
    std::size_t next_ = 0, next_ours_ = 0; ///< the place that comes next; the first of ours not yet given
    std::size_t depth_ = 0;
    bool begun_ = false, list_ = false, ended_ = false, in_string_ = false, escaped_ = false, in_entry_ = false;
};

} // namespace paravent::activity
