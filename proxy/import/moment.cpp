#include "proxy/import/moment.hpp"

#include "proxy/import/month.hpp"
#include "proxy/import/plain.hpp"

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

constexpr std::size_t longest = 160; ///< of scripts with three bytes a letter

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_vietnamese_month(std::string_view word) noexcept
{
    return word == "thg" || word == "tháng";
}

/// Whether it says "month", so that the number behind it is one.
bool says_month(std::string_view word) noexcept
{
    return is_vietnamese_month(word) || word == "mes" || word == "bulan" || word == "月" || word == "월";
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
    const bool vietnamese = std::any_of(found.words.begin(), found.words.end(), is_vietnamese_month);
    for (std::size_t i = 0; i < found.words.size(); ++i) {
        const auto word = found.words[i];
        const auto next = i + 1 < found.words.size() ? found.words[i + 1] : std::string_view{};
        const bool dotted = next == "m", greek = next == "μ"; // p. m., μ.μ.
        found.morning |= word == "am" || (word == "a" && dotted) || (word == "π" && greek) || word == "ص" ||
                         word == "上午" || word == "午前" || word == "오전" || (vietnamese && word == "sa");
        found.afternoon |= word == "pm" || (word == "p" && dotted) || (word == "μ" && greek) || word == "م" ||
                           word == "下午" || word == "午後" || word == "오후" || (vietnamese && word == "ch");
    }
    return found;
}

struct Time {
    int hour = 0, minute = 0, second = 0;
    std::size_t end = 0;     ///< where it ends in the text
    bool after_date = false; ///< else a year stands behind it, or nowhere
};

bool is_year(const Number& number) noexcept
{
    return number.digits == 4 && number.value >= 2000 && number.value < 2100;
}

/// Takes "4:36" or "04:36:05" out of the numbers; where there is no colon, what stands behind the date as "04.36".
std::optional<Time> take_time(std::string_view text, std::vector<Number>& numbers, std::size_t of_date)
{
    const auto joined = [&](std::size_t i, char sign) {
        return i + 1 < numbers.size() && numbers[i].end + 1 == numbers[i + 1].begin && text[numbers[i].end] == sign &&
               numbers[i].digits <= 2 && numbers[i + 1].digits == 2;
    };
    for (const char sign : {':', '.'})
        for (std::size_t i = sign == ':' ? 0 : of_date; i < numbers.size(); ++i) {
            if (!joined(i, sign))
                continue;
            const std::size_t parts = joined(i + 1, sign) ? 3 : 2;
            const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(i),
                       end = begin + static_cast<std::ptrdiff_t>(parts);
            Time time{begin->value, begin[1].value, parts == 3 ? begin[2].value : 0, std::prev(end)->end};
            time.after_date = i >= 3 || std::any_of(numbers.begin(), begin, is_year);
            // What follows a date and its time is a fraction or a zone.
            numbers.erase(begin, time.after_date ? numbers.end() : end);
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

/// Whether a zone stands between a time and the date behind it.
bool begins_with_zone(std::string_view rest) noexcept
{
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    return rest.starts_with("utc") || rest.starts_with("gmt") ||
           (rest.size() > 1 && (rest[0] == '+' || rest[0] == '-') && is_digit(rest[1]));
}

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) noexcept
{
    text = text.substr(begin, end - begin);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Which number a word says to be the month: "thg 10", "tháng 10", "10月".
std::optional<std::size_t> month_at(std::string_view text, const Words& found)
{
    for (const auto word : found.words) {
        const auto begin = static_cast<std::size_t>(word.data() - text.data()), end = begin + word.size();
        const bool behind = word.starts_with("月") || word.starts_with("월");
        for (std::size_t i = 0; behind && i < found.numbers.size(); ++i)
            if (found.numbers[i].end == begin)
                return i;
        if (!says_month(word))
            continue;
        for (std::size_t i = 0; i < found.numbers.size(); ++i)
            if (found.numbers[i].begin >= end) {
                const auto gap = between(text, end, found.numbers[i].begin);
                if (gap.empty() || gap == ".")
                    return i;
                break;
            }
    }
    return std::nullopt;
}

/// 9.10.2025, 9/10/2025, 2025-10-09: three numbers with one sign between them. With anything else between them, nobody
/// knows which language's order it is.
bool is_written_in_numbers(std::string_view text, const std::vector<Number>& numbers)
{
    if (numbers.size() != 3 || is_year(numbers[1]))
        return false;
    const auto sign = between(text, numbers[0].end, numbers[1].begin);
    return sign == between(text, numbers[1].end, numbers[2].begin) && (sign == "." || sign == "/" || sign == "-");
}

struct MonthDay {
    int month = 0, day = 0;
};

/// Year first is in the order of size, else the day stands first but in American. Nothing where that is not certain.
std::optional<MonthDay> month_and_day(std::string_view text, const Words& found, std::size_t year_at)
{
    const auto& numbers = found.numbers;
    std::vector<std::size_t> others;
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (i != year_at)
            others.push_back(i);
    if (const auto at = month_at(text, found); at && *at != year_at && others.size() == 2)
        return MonthDay{numbers[*at].value, numbers[others[*at == others[0] ? 1 : 0]].value};
    if (is_written_in_numbers(text, numbers)) {
        const int first = numbers[others[0]].value, second = numbers[others[1]].value;
        const bool slashes = text[numbers[0].end] == '/';
        const bool american = slashes && (found.morning || found.afternoon);
        const bool month_first = year_at == 0 || (american && first <= 12) || (slashes && second > 12);
        return month_first ? MonthDay{first, second} : MonthDay{second, first};
    }
    int month = 0;
    for (const auto word : found.words) // the last one: the first may be a day of the week ("mar. 9 nov. 2021")
        if (const int named = month_of(word); named != 0)
            month = named;
    if (month != 0 && others.size() == 1)
        return MonthDay{month, numbers[others[0]].value};
    return std::nullopt;
}

std::optional<std::chrono::year_month_day> date_of(std::string_view text, const Words& found, std::size_t year_at)
{
    const auto given = month_and_day(text, found, year_at);
    if (!given || given->month < 1 || given->month > 12 || given->day < 1 || given->day > 31)
        return std::nullopt;
    using namespace std::chrono;
    const year_month_day date{year(found.numbers[year_at].value), month(static_cast<unsigned>(given->month)),
                              day(static_cast<unsigned>(given->day))};
    return date.ok() ? std::optional(date) : std::nullopt;
}

/// Whether it is a time nevertheless, where no year of ours was found in it: another calendar's.
bool looks_like_time(const std::optional<Time>& time, const std::vector<Number>& of_date, bool other_digits) noexcept
{
    if (time)
        return of_date.size() >= 2 && time->hour <= 24 && time->minute < 60;
    return other_digits && of_date.size() >= 2 &&
           std::any_of(of_date.begin(), of_date.end(), [](const Number& n) { return n.digits == 4; });
}

} // namespace

Moment read_moment(std::string_view given)
{
    if (given.size() > longest)
        return {};
    const auto [text, other_digits] = plain(given);
    Words found = words_of(text);
    const bool has_month =
        std::any_of(found.words.begin(), found.words.end(), [](std::string_view w) { return month_of(w) != 0; });
    auto& numbers = found.numbers;
    const auto time = take_time(text, numbers, has_month ? 2 : 3);
    // "3/11/21": the year is the last of three short numbers.
    if (!has_month && numbers.size() == 3 && numbers[2].digits == 2 &&
        std::all_of(numbers.begin(), numbers.end(), [](const Number& one) { return one.digits <= 2; })) {
        numbers[2].value += 2000;
        numbers[2].digits = 4;
    }
    const auto year = std::find_if(numbers.begin(), numbers.end(), is_year);
    if (year == numbers.end() || other_digits)
        return {looks_like_time(time, numbers, other_digits) ? Moment::Kind::unread : Moment::Kind::none};
    Moment moment{Moment::Kind::unread};
    if (!time && numbers.size() > (has_month ? 3u : 4u)) // "9 oct. 2025 à 21 h 53"
        return moment;
    if (!time && !(has_month && numbers.size() == 2) && !is_written_in_numbers(text, numbers) &&
        !(numbers.size() == 3 && month_at(text, found)))
        return {};
    if (time && !time->after_date && begins_with_zone(std::string_view(text).substr(time->end)))
        return moment;
    const auto date = date_of(text, found, static_cast<std::size_t>(year - numbers.begin()));
    Time of_day = time.value_or(Time{});
    if (found.morning || found.afternoon) {
        if (of_day.hour < 1 || of_day.hour > 12)
            return moment;
        of_day.hour = of_day.hour % 12 + (found.afternoon ? 12 : 0);
    }
    if (!date || of_day.hour > 23 || of_day.minute > 59 || of_day.second > 60)
        return moment;
    const auto zone = time && time->after_date ? zone_of(std::string_view(text).substr(time->end)) : std::nullopt;
    const auto day = std::chrono::sys_days(*date).time_since_epoch().count();
    moment.kind = Moment::Kind::time;
    moment.zoned = zone.has_value();
    moment.seconds =
        std::int64_t{day} * 86'400 + of_day.hour * 3600 + of_day.minute * 60 + of_day.second - zone.value_or(0);
    return moment;
}

} // namespace paravent::imports
