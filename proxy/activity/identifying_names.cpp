#include "proxy/activity/identifying.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

// What a name promises. Shops call the same thing "customer_phone", "billingPhone" and "Phone Number", so a name is
// read word by word; but "content_name" and "shipping_cost" are no persons.
namespace paravent::activity {
namespace {

/// Of Meta's and the trade's: the whole name, since parts of it are ordinary words.
constexpr std::string_view whole_names[] = {
    "em",           "ph",
    "fn",           "ln",
    "db",           "ge",
    "gender",       "ct",
    "city",         "zp",
    "country",      "external_id",
    "fbp",          "fbc",
    "_fbp",         "_fbc",
    "fbclid",       "madid",
    "anon_id",      "lead_id",
    "c_user",       "subscription_id",
    "fb_login_id",  "user_id",
    "userid",       "client_id",
    "clientid",     "customer_id",
    "customerid",   "app_user_id",
    "visitor_id",   "device_id",
    "access_token",
};

/// Each of them says it alone, wherever it stands.
constexpr std::string_view words[] = {
    "phone",        "phones",       "phonenumber", "tel",       "telephone",  "telefon",     "mobile",
    "mobilenumber", "msisdn",       "cellphone",   "fax",       "email",      "emails",      "mail",
    "mails",        "emailaddress", "firstname",   "lastname",  "fullname",   "surname",     "forename",
    "nickname",     "username",     "zip",         "zipcode",   "postcode",   "postalcode",  "postal",
    "birth",        "birthdate",    "birthday",    "birthyear", "dob",        "dateofbirth", "ip",
    "ipaddress",    "ipv",          "useragent",   "street",    "streetname", "address",     "addresses",
};

/// Before "name", and in front of another word with nothing between: whose it is.
constexpr std::string_view owners[] = {
    "first",  "last",   "full",   "user", "customer",  "billing", "shipping", "given",
    "family", "middle", "maiden", "nick", "recipient", "buyer",   "contact",  "client",
};

constexpr std::size_t most_name = 256;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&list)[N]) noexcept
{
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool is_pair(std::string_view first, std::string_view second) noexcept
{
    return (second == "name" && is_one_of(first, owners)) || (first == "user" && second == "agent") ||
           (first == "post" && second == "code");
}

/// "customerphone", "username"
bool is_run_together(std::string_view word) noexcept
{
    return std::any_of(std::begin(owners), std::end(owners), [word](std::string_view owner) {
        const auto rest = word.substr(std::min(owner.size(), word.size()));
        return word.starts_with(owner) && (is_one_of(rest, words) || is_pair(owner, rest));
    });
}

enum class Letter : char { none, digit, small, capital };

Letter letter(char c) noexcept
{
    return c >= 'a' && c <= 'z'   ? Letter::small
           : c >= 'A' && c <= 'Z' ? Letter::capital
           : c >= '0' && c <= '9' ? Letter::digit
                                  : Letter::none;
}

/// Whether a word begins at `i` of what is written without a separator: "userAgent", "IPAddress", "address2".
bool begins_within(std::string_view key, std::size_t i) noexcept
{
    const auto before = letter(key[i - 1]), here = letter(key[i]);
    if ((before == Letter::digit) != (here == Letter::digit))
        return true;
    return here == Letter::capital &&
           (before == Letter::small || (i + 1 < key.size() && letter(key[i + 1]) == Letter::small));
}

/// Looks at the words of a name one after the other.
class Words {
public:
    bool tells(std::string_view word) noexcept
    {
        const bool is = is_one_of(word, words) || is_pair(before_, word) || is_run_together(word) ||
                        (is_of_somebody_ && is_one_of(word, whole_names));
        is_of_somebody_ = is_one_of(word, owners);
        before_ = word;
        return is;
    }

private:
    std::string_view before_;
    bool is_of_somebody_ = false; ///< "billing_city", though not every city
};

} // namespace

bool names_identifier(std::string_view key) noexcept
{
    key = key.substr(0, most_name);
    std::array<char, most_name> buffer;
    std::transform(key.begin(), key.end(), buffer.begin(),
                   [](char c) { return letter(c) == Letter::capital ? static_cast<char>(c + 32) : c; });
    const std::string_view small{buffer.data(), key.size()};
    if (is_one_of(small, whole_names))
        return true;
    Words of_pieces, of_segments; // "zipCode", but "ZIPcode" too
    for (std::size_t i = 0; i < key.size();) {
        if (letter(key[i]) == Letter::none) {
            ++i;
            continue;
        }
        const auto segment = i;
        auto piece = i++;
        for (; i < key.size() && letter(key[i]) != Letter::none; ++i)
            if (begins_within(key, i)) {
                if (of_pieces.tells(small.substr(piece, i - piece)))
                    return true;
                piece = i;
            }
        if (of_pieces.tells(small.substr(piece, i - piece)) || of_segments.tells(small.substr(segment, i - segment)))
            return true;
    }
    return false;
}

} // namespace paravent::activity
