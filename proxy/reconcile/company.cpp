#include "proxy/reconcile/company.hpp"

#include "rules/domains.hpp"

#include <algorithm>
#include <vector>

namespace paravent::reconcile {
namespace {

/// What says of which kind a company is, or where, but not which one.
constexpr std::string_view kinds[] = {"ab",
                                      "ag",
                                      "aps",
                                      "as",
                                      "bv",
                                      "co",
                                      "company",
                                      "corp",
                                      "corporation",
                                      "deutschland",
                                      "europe",
                                      "eurl",
                                      "france",
                                      "gmbh",
                                      "group",
                                      "groupe",
                                      "holding",
                                      "inc",
                                      "international",
                                      "kg",
                                      "limited",
                                      "llc",
                                      "ltd",
                                      "mbh",
                                      "nv",
                                      "official",
                                      "officiel",
                                      "oy",
                                      "plc",
                                      "pty",
                                      "sa",
                                      "sarl",
                                      "sas",
                                      "sasu",
                                      "se",
                                      "sl",
                                      "spa",
                                      "srl",
                                      "uk",
                                      "usa"};

/// Letters with a mark, of Latin-1 and Latin Extended-A, as the (first) letter without it; "?" where there is none.
constexpr std::string_view from_00c0 = "aaaaaaaceeeeiiiidnooooo?ouuuuytsaaaaaaaceeeeiiiidnooooo?ouuuuyty";
constexpr std::string_view from_0100 = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllll"
                                       "nnnnnn?nnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(from_00c0.size() == 0x40 && from_0100.size() == 0x80);

char plain_letter(unsigned code) noexcept
{
    if (code >= 'a' && code <= 'z')
        return static_cast<char>(code);
    if (code >= 'A' && code <= 'Z')
        return static_cast<char>(code + 32);
    if (code >= '0' && code <= '9')
        return static_cast<char>(code);
    if (code < 0xC0 || code >= 0x180)
        return '\0';
    const char letter = code < 0x100 ? from_00c0[code - 0xC0] : from_0100[code - 0x100];
    return letter == '?' ? '\0' : letter;
}

/// Words as runs of letters and digits; an apostrophe and "&" part nothing.
std::vector<std::string> words_of(std::string_view name)
{
    std::vector<std::string> words(1);
    for (std::size_t at = 0; at < name.size();) {
        const auto byte = static_cast<unsigned char>(name[at++]);
        unsigned code = byte;
        if (byte >= 0xC0 && byte < 0xE0 && at < name.size())
            code = (byte & 0x1Fu) << 6 | (static_cast<unsigned char>(name[at++]) & 0x3Fu);
        else if (byte >= 0x80)
            continue; // of a longer or broken sequence: another script, which no site's name has in these letters
        if (const char letter = plain_letter(code); letter != '\0')
            words.back() += letter;
        else if (code != '\'' && code != '&' && code != 0xB4 && !words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty())
        words.pop_back();
    return words;
}

} // namespace

std::string label_of_company(std::string_view name)
{
    std::string label;
    for (const auto& word : words_of(name))
        if (std::ranges::find(kinds, word) == std::end(kinds))
            label += word;
    return label.size() < 2 ? std::string{} : label;
}

std::string label_of_site(std::string_view site)
{
    std::string label(site.substr(0, site.find('.')));
    std::erase(label, '-');
    return label.size() < 2 ? std::string{} : label;
}

std::string site_in_name(std::string_view name)
{
    while (!name.empty()) {
        auto word = name.substr(0, name.find_first_of(" ,;()"));
        name.remove_prefix(std::min(name.size(), word.size() + 1));
        if (word.ends_with('.')) // "Inc."
            word.remove_suffix(1);
        if (word.find('.') == std::string_view::npos)
            continue;
        const auto host = rules::normal_host(word);
        if (host && host->find_first_not_of("0123456789.") != std::string::npos)
            return std::string(rules::registrable_domain(*host));
    }
    return {};
}

} // namespace paravent::reconcile
