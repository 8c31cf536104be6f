// How an e-mail address and a phone number are written before they are hashed for Meta.
#include "proxy/activity/mine.hpp"
#include "proxy/activity/text.hpp"

#include <algorithm>

namespace paravent::activity {
namespace {

constexpr std::size_t most_written = 254;                 // an e-mail address has no more (RFC 5321, 4.5.3.1)
constexpr std::size_t least_digits = 7, most_digits = 15; // E.164

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

NormalForm wrong(std::string fault)
{
    return {{}, std::move(fault)};
}

NormalForm mail_address(std::string_view text)
{
    const auto at = text.find('@');
    if (at == std::string_view::npos)
        return wrong("this is no e-mail address: it has no @");
    const auto host = text.substr(at + 1);
    const bool odd = std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7F || c == ',' || c == ';' || c == '<' || c == '>';
    });
    const auto dot = host.find('.');
    if (odd || at == 0 || host.find('@') != std::string_view::npos || dot == 0 || dot == std::string_view::npos ||
        host.ends_with('.'))
        return wrong("this is no e-mail address: one alone is wanted, written as name@mail.example");
    NormalForm form{std::string{text}, {}};
    for (char& c : form.text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return form;
}

NormalForm phone_number(std::string_view text)
{
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        // "+49 (0)170 …": the zero is dialled at home only.
        if (!digits.empty() && text.substr(i, 3) == "(0)")
            i += 2;
        else if (is_digit(text[i]))
            digits += text[i];
        else if (std::string_view{" -./()\t"}.find(text[i]) == std::string_view::npos && (text[i] != '+' || i != 0))
            return wrong("this is no phone number: it has letters or other signs; one is written as +49 170 1234567");
    }
    const bool at_home = digits.starts_with('0') && !digits.starts_with("00");
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() < least_digits || digits.size() > most_digits)
        return wrong("this is no phone number: with its country code one has 7 to 15 digits, as +49 170 1234567");
    if (at_home)
        return wrong(
            "the phone number's country code is missing: +49 170 1234567, where at home one dials 0170 1234567");
    return {std::move(digits), {}};
}

} // namespace

std::string_view name_of(Own kind) noexcept
{
    return kind == Own::em ? "em" : "ph";
}

std::optional<Own> own_named(std::string_view name) noexcept
{
    for (const auto kind : {Own::em, Own::ph})
        if (name == name_of(kind))
            return kind;
    return std::nullopt;
}

std::string_view words_for(Own kind, bool several) noexcept
{
    if (kind == Own::em)
        return several ? "e-mail addresses" : "e-mail address";
    return several ? "phone numbers" : "phone number";
}

NormalForm normal_form(Own kind, std::string_view written)
{
    written = trimmed(written);
    if (written.empty())
        return wrong("the " + std::string{words_for(kind)} + " is empty");
    if (written.size() > most_written)
        return wrong("this is no " + std::string{words_for(kind)} + ": it has more than 254 characters");
    return kind == Own::em ? mail_address(written) : phone_number(written);
}

} // namespace paravent::activity
