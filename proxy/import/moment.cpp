#include "proxy/import/moment.hpp"

#include "proxy/import/month.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace paravent::imports {
namespace {

struct Number {
    int value = 0;
    std::size_t digits = 0, begin = 0, end = 0;
};

/// What a text consists of. Numbers that are part of the time of day are taken out.
struct Words {
    std::vector<Number> numbers;
    std::vector<std::string_view> words; ///< letters of any script
    bool morning = false, afternoon = false;
};

constexpr std::size_t longest = 80;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

/// Lower case; blanks of any width are blanks, and marks of direction are nothing.
std::string plain(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto rest = text.substr(i);
        if (rest.starts_with("\xC2\xA0")) {
            out += ' ';
            ++i;
        } else if (rest.starts_with("\xE2\x80\xAF") || rest.starts_with("\xE2\x80\x89")) {
            out += ' ';
            i += 2;
        } else if (rest.starts_with("\xE2\x80\x8E") || rest.starts_with("\xE2\x80\x8F")) {
            i += 2;
        } else {
            out += text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
        }
    }
    return out;
}

Words words_of(std::string_view text)
{
    Words found;
    for (std::size_t i = 0; i < text.size();) {
        const auto begin = i;
        if (is_digit(text[i])) {
            Number number;
            for (; i < text.size() && is_digit(text[i]); ++i)
                number.value = std::min(number.value, 99'999) * 10 + (text[i] - '0');
            number.digits = i - begin;
            number.begin = begin;
            number.end = i;
            found.numbers.push_back(number);
        } else if (is_letter(text[i])) {
            while (i < text.size() && is_letter(text[i]))
                ++i;
            found.words.push_back(text.substr(begin, i - begin));
        } else {
            ++i;
        }
    }
    for (std::size_t i = 0; i < found.words.size(); ++i) {
        const auto word = found.words[i];
        const auto next = i + 1 < found.words.size() ? found.words[i + 1] : std::string_view{};
        const bool dotted = next == "m", greek = next == "μ"; // p. m., μ.μ.
        found.morning |= word == "am" || (word == "a" && dotted) || (word == "π" && greek) || word == "ص" ||
                         word == "上午" || word == "午前" || word == "오전";
        found.afternoon |= word == "pm" || (word == "p" && dotted) || (word == "μ" && greek) || word == "م" ||
                           word == "下午" || word == "午後" || word == "오후";
    }
    return found;
}

struct Time {
    int hour = 0, minute = 0, second = 0;
    std::size_t end = 0; ///< where it ends in the text
};

/// Takes "4:36" or "04:36:05" out of the numbers; where there is no colon, what stands behind the date as "04.36".
std::optional<Time> take_time(std::string_view text, std::vector<Number>& numbers, std::size_t of_date)
{
    const auto joined = [&](std::size_t i, char sign) {
        return i + 1 < numbers.size() && numbers[i].end + 1 == numbers[i + 1].begin && text[numbers[i].end] == sign;
    };
    for (const char sign : {':', '.'})
        for (std::size_t i = sign == ':' ? 0 : of_date; i < numbers.size(); ++i) {
            if (!joined(i, sign))
                continue;
            const bool seconds = joined(i + 1, sign);
            Time time{numbers[i].value, numbers[i + 1].value, seconds ? numbers[i + 2].value : 0,
                      numbers[i + (seconds ? 2 : 1)].end};
            numbers.resize(i); // what follows it is a fraction or a zone
            return time;
        }
    return std::nullopt;
}

/// Seconds east of Greenwich, where a zone stands right behind the time.
std::optional<int> zone_of(std::string_view rest)
{
    if (rest.starts_with('.')) // parts of a second
        rest.remove_prefix(1 + std::min(rest.substr(1).find_first_not_of("0123456789"), rest.size() - 1));
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (rest.starts_with("utc") || rest.starts_with("gmt"))
        rest.remove_prefix(3);
    else if (rest == "z")
        return 0;
    else if (!rest.starts_with('+') && !rest.starts_with('-'))
        return std::nullopt;
    if (rest.empty())
        return 0;
    const int sign = rest.front() == '-' ? -1 : 1;
    std::string digits;
    std::copy_if(rest.begin(), rest.end(), std::back_inserter(digits), is_digit);
    if (digits.size() != 4 || (rest.front() != '+' && rest.front() != '-'))
        return std::nullopt;
    const int hours = (digits[0] - '0') * 10 + digits[1] - '0', minutes = (digits[2] - '0') * 10 + digits[3] - '0';
    return sign * (hours * 3600 + minutes * 60);
}

/// Day and month as numbers: year first is in the order of size, else the day stands first but in American.
std::optional<std::chrono::year_month_day> date_of(std::string_view text, const Words& found, std::size_t year_at)
{
    const auto& numbers = found.numbers;
    std::vector<int> others;
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (i != year_at)
            others.push_back(numbers[i].value);
    int month = 0, day = 0;
    for (const auto word : found.words) // the last one: the first may be a day of the week ("mar. 9 nov. 2021")
        if (const int named = month_of(word); named != 0)
            month = named;
    if (month != 0 && others.size() == 1) {
        day = others[0];
    } else if (others.size() == 2) {
        const bool slashes = text[numbers[0].end] == '/';
        const bool american = slashes && (found.morning || found.afternoon);
        const bool month_first = year_at == 0 || (american && others[0] <= 12) || (slashes && others[1] > 12);
        month = month_first ? others[0] : others[1];
        day = month_first ? others[1] : others[0];
    } else {
        return std::nullopt;
    }
    using namespace std::chrono;
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return std::nullopt;
    const year_month_day date{year(numbers[year_at].value), std::chrono::month(static_cast<unsigned>(month)),
                              std::chrono::day(static_cast<unsigned>(day))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

} // namespace

Moment read_moment(std::string_view given)
{
    if (given.size() > longest)
        return {};
    const auto text = plain(given);
    Words found = words_of(text);
    const bool has_month =
        std::any_of(found.words.begin(), found.words.end(), [](std::string_view w) { return month_of(w) != 0; });
    const auto time = take_time(text, found.numbers, has_month ? 2 : 3);
    // "3/11/21": the year is the last of three short numbers.
    if (auto& n = found.numbers; !has_month && n.size() == 3 && n[2].digits == 2 &&
                                 std::all_of(n.begin(), n.end(), [](const Number& one) { return one.digits <= 2; })) {
        n[2].value += 2000;
        n[2].digits = 4;
    }
    const auto year = std::find_if(found.numbers.begin(), found.numbers.end(),
                                   [](const Number& n) { return n.digits == 4 && n.value >= 2000 && n.value < 2100; });
    if (year == found.numbers.end() || (!time && found.numbers.size() != (has_month ? 2 : 3)))
        return {};
    Moment moment{Moment::Kind::unread};
    const auto date = date_of(text, found, static_cast<std::size_t>(year - found.numbers.begin()));
    Time of_day = time.value_or(Time{});
    if (found.morning || found.afternoon) {
        if (of_day.hour < 1 || of_day.hour > 12)
            return moment;
        of_day.hour = of_day.hour % 12 + (found.afternoon ? 12 : 0);
    }
    if (!date || of_day.hour > 23 || of_day.minute > 59 || of_day.second > 60)
        return moment;
    const auto zone = time ? zone_of(std::string_view(text).substr(time->end)) : std::nullopt;
    const auto day = std::chrono::sys_days(*date).time_since_epoch().count();
    moment.kind = Moment::Kind::time;
    moment.zoned = zone.has_value();
    moment.seconds =
        std::int64_t{day} * 86'400 + of_day.hour * 3600 + of_day.minute * 60 + of_day.second - zone.value_or(0);
    return moment;
}

} // namespace paravent::imports
