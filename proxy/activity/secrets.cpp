#include "proxy/activity/secrets.hpp"

#include "proxy/activity/identifying.hpp"
#include "proxy/activity/mine.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace paravent::activity {
namespace {

/// Of a phone number (ITU-T E.164: 15 at most).
constexpr std::size_t least_digits = 7, most_digits = 15;
constexpr std::size_t most_between = 3; ///< characters between two digits: ") -"

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_punctuation(char c) noexcept
{
    return std::string_view{" -./()"}.find(c) != std::string_view::npos;
}

/// The digits of a number, the zeros in front left out. Longer runs than any phone number's are kept at their end.
class Digits {
public:
    void add(char digit) noexcept
    {
        if (size_ == 0 && digit == '0')
            return;
        if (size_ == digits_.size()) {
            std::copy(digits_.end() - most_digits, digits_.end(), digits_.begin());
            size_ = most_digits;
        }
        digits_[size_++] = digit;
    }
    void clear() noexcept { size_ = 0; }
    std::string_view text() const noexcept { return {digits_.data(), size_}; }

private:
    std::array<char, 64> digits_{};
    std::size_t size_ = 0;
};

/// Takes a number off the front, as people write them down: "+49 (0)151/123-4567". Nothing but digits is kept of it.
void take_number(std::string_view& text, Digits& digits) noexcept
{
    digits.clear();
    std::size_t between = 0;
    bool is_first = true;
    while (!text.empty()) {
        if (!is_first && text.starts_with("(0)")) // not dialled behind a country's code
            text.remove_prefix(3);
        else if (is_digit(text[0])) {
            digits.add(text[0]);
            text.remove_prefix(1);
            between = 0;
            is_first = false;
        } else if (!is_first && is_punctuation(text[0]) && between++ < most_between)
            text.remove_prefix(1);
        else
            return;
    }
}

/// Whether a number in the text is this one, also without the country's code.
bool has_number(std::string_view text, std::string_view number) noexcept
{
    Digits digits;
    while (!text.empty()) {
        if (!is_digit(text[0])) {
            text.remove_prefix(1);
            continue;
        }
        take_number(text, digits);
        const auto found = digits.text();
        if (found.find(number) != std::string_view::npos || (found.size() >= least_digits && number.ends_with(found)))
            return true;
    }
    return false;
}

/// The digits of what is a phone number or might be one; empty for other values.
std::string phone_number(std::string_view value)
{
    if (value.size() > 4 * most_digits ||
        !std::all_of(value.begin(), value.end(), [](char c) { return is_digit(c) || is_punctuation(c) || c == '+'; }))
        return {};
    value.remove_prefix(std::min(value.find_first_of("0123456789"), value.size()));
    Digits digits;
    take_number(value, digits);
    const auto found = digits.text();
    return value.empty() && found.size() >= least_digits && found.size() <= most_digits ? std::string{found}
                                                                                        : std::string{};
}

} // namespace

void Secrets::add(std::string_view value)
{
    // What is shorter ("f", "de", a year) stands in any text, and so may "undefined".
    if (value.size() < 5 || values_.size() == 256 || is_nothing(value))
        return;
    // Of a long one its beginning is enough, and looking for it stays cheap.
    values_.push_back(value.substr(0, 64));
    constexpr std::size_t most_numbers = 16; // each text is read once for each
    if (auto number = phone_number(value); !number.empty() && numbers_.size() < most_numbers)
        numbers_.push_back(std::move(number));
}

bool Secrets::in(std::string_view text) const noexcept
{
    return std::any_of(values_.begin(), values_.end(),
                       [text](std::string_view value) { return text.find(value) != std::string_view::npos; }) ||
           std::any_of(numbers_.begin(), numbers_.end(),
                       [text](std::string_view number) { return has_number(text, number); });
}

void Secrets::compare(std::string_view name, std::string_view value, Event& event)
{
    constexpr unsigned most_compared = 64; // a body of nothing else must not take the worker's time
    if (mine_ == nullptr || !mine_->asks_about(name) || compared_ == most_compared)
        return;
    ++compared_;
    const auto own = mine_->matches(name, value);
    if (!own)
        return;
    const auto kind = name_of(*own);
    if (std::find(event.mine.begin(), event.mine.end(), kind) == event.mine.end())
        event.mine.emplace_back(kind);
}

} // namespace paravent::activity
