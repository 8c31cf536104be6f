#include "proxy/import/month.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>

// Names as the Unicode locale data (CLDR) gives them. A date may stand in a genitive, and begin with a capital.
namespace paravent::imports {
namespace {

/// How months begin, January first: nothing else in a date does.
constexpr std::string_view beginnings[12] = {
    "jan gen ene xan ian jaan ocak siječ styczn stycz leden ledn tammi saus ιαν янв яну јан січ студз ינו ينا كانون जन",
    "feb fév fev febr veebr pebrero şub velj lutego luty únor února helmi vasar shkurt φεβ фев феб лют פבר فبر شباط फ़र",
    "march mars marts marz març maart maret maalis mrt mär märz märts marzec marca márc márt már mac martie ožu břez "
    "μαρ μάρ мар бер сак מרץ مارس آذار मार्च",
    "apr avr abr d’abr ápr nisan travn travanj kwie dub huht baland prill απρ апр квіт крас אפר أبر إبر نيسان अप्र",
    "may mai mag maj máj maí svib květ touko geguž μαΐ μαΪ μάι μαϊ μαι май мая мај трав מאי ماي أيار मई",
    "jun juin giu jún jūn juuni hunyo iun xuñ haz czerw lipnj lipanj červ kesä birž qersh ιουν ιούν июн јун юни чер "
    "чэр יוני "
    "يوني حزيران जून",
    "jul juil lug júl jūl juuli hulyo iul xul tem lipca lipiec srpnj srpanj července červenec heinä liep korr ιουλ "
    "ιούλ июл "
    "јул юли יולי يولي تموز जुल",
    "aug aoû aou ago ágo d’ag avg agust ogo ágú ağu kolov sierp srpn srpen elok rugpj gusht αυγ αύγ авг серп жні אוג "
    "أغس غشت آب अग",
    "sep set szept eylül rujn rujan wrze září syys rugsė shtat σεπ сеп сен вер ספט سبت شتنبر أيلول सित",
    "oct okt d’oct ott out ekim listopadnj paźdz říj lokak spal tetor οκτ окт жовт кас אוק أكت أكتوبر تشرين अक्टू अक्तू",
    "nov nobyem nóv noie kasım studen listopadu marras lapkr nëntor νοε νοέ ноя ное нов лист ліст נוב نوف نونبر नव",
    "dec déc dez dic des disem dets aral prosin grud gruod disyem joulu dhjet δεκ дек дец груд снеж דצמ ديس دجنبر दिस"};

/// What is a month only if nothing follows it.
constexpr std::string_view whole_words[12] = {"oca sij sty led сту",
                                              "lut úno vas shk",
                                              "mar mart marta marte marec bře kov kovo kovas",
                                              "nis tra kwi bal pri кві кра",
                                              "mei svi kvě geg maja тра",
                                              "cze čvn qer",
                                              "čvc лип ліп липень ліпень липня ліпеня",
                                              "kol sie rgp rugp elo agu ag gush сер",
                                              "eyl ruj wrz zář rgs rugs",
                                              "eki paź tet loka жов",
                                              "noi kas stu nën лис ліс",
                                              "ara pro gru dhj dis гру сне"};

/// Polish and Czech mean another month than Croatian.
constexpr std::string_view unclear = "lip lis listopad listopada srp";

/// The first letter small where it is Latin, Greek or Cyrillic (two bytes of UTF-8); those of ASCII are already.
std::string begun_small(std::string_view word)
{
    std::string out(word);
    if (word.size() < 2 || (static_cast<unsigned char>(word[0]) & 0xE0) != 0xC0)
        return out;
    auto letter = (static_cast<unsigned>(word[0]) & 0x1F) << 6 | (static_cast<unsigned>(word[1]) & 0x3F);
    if ((letter >= 0xC0 && letter <= 0xDE) || (letter >= 0x391 && letter <= 0x3A9) ||
        (letter >= 0x410 && letter <= 0x42F))
        letter += 0x20;
    else if (letter >= 0x400 && letter <= 0x40F)
        letter += 0x50;
    else if (letter >= 0x100 && letter <= 0x137)
        letter |= 1;
    else if (letter >= 0x14A && letter <= 0x177)
        letter |= 1;
    out[0] = static_cast<char>(0xC0 | letter >> 6);
    out[1] = static_cast<char>(0x80 | (letter & 0x3F));
    return out;
}

using Words = std::unordered_map<std::string_view, int>;

void put(Words& into, std::string_view words, int month)
{
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        if (end > 0)
            into.emplace(words.substr(0, end), month);
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

struct Names {
    Words begin, whole;
    std::size_t longest = 0; ///< bytes of a beginning

    Names()
    {
        for (int month = 12; month > 0; --month) {
            put(begin, beginnings[month - 1], month);
            put(whole, whole_words[month - 1], month);
        }
        put(whole, unclear, unclear_month);
        for (const auto& [word, month] : begin)
            longest = std::max(longest, word.size());
    }
};

} // namespace

int month_of(std::string_view given)
{
    static const Names names;
    const auto lowered = begun_small(given);
    const std::string_view word = lowered;
    if (const auto found = names.whole.find(word); found != names.whole.end())
        return found->second;
    for (auto size = std::min(word.size(), names.longest); size > 2; --size)
        if (const auto found = names.begin.find(word.substr(0, size)); found != names.begin.end())
            return found->second;
    return 0;
}

} // namespace paravent::imports
