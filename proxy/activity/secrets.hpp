#pragma once

#include "proxy/activity/event.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace paravent::activity {

/// The values of the identifiers that a request carries, while it is read: none of them may be kept under another name.
/// Views of the request's fields.
class Secrets {
public:
    /// @param mine what the owner wants to find again among them; null: nothing
    explicit Secrets(const Mine* mine) noexcept : mine_(mine) {}

    void add(std::string_view value);
    /// Whether one of them stands in the text; a phone number in any way of writing it.
    bool in(std::string_view text) const noexcept;
    /// Says so in the event where the value, sent under this name, is the owner's own.
    void compare(std::string_view name, std::string_view value, Event& event);

private:
    std::vector<std::string_view> values_;
    std::vector<std::string> numbers_; ///< those that may be phone numbers, their digits without zeros in front
    const Mine* mine_;
    unsigned compared_ = 0;
};

} // namespace paravent::activity
