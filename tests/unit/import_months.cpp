#include "proxy/activity/export.hpp"
#include "proxy/import/moment.hpp"
#include "proxy/import/month.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>

using namespace paravent;
using imports::Moment;
using imports::month_of;
using imports::read_moment;

namespace {

struct Language {
    const char* name;
    std::string_view months; ///< January first; empty: two languages mean two months by it
};

/// As the Unicode locale data (CLDR 42) writes months in a date, whole and shortened.
constexpr Language languages[] = {
    {"en", "January|February|March|April|May|June|July|August|September|October|November|December"},
    {"en", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"},
    {"fr", "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"},
    {"fr", "janv.|févr.|mars|avr.|mai|juin|juil.|août|sept.|oct.|nov.|déc."},
    {"de", "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"},
    {"de", "Jan.|Feb.|März|Apr.|Mai|Juni|Juli|Aug.|Sept.|Okt.|Nov.|Dez."},
    {"es", "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"},
    {"es", "ene|feb|mar|abr|may|jun|jul|ago|sept|oct|nov|dic"},
    {"it", "gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre"},
    {"it", "gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic"},
    {"pt", "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"},
    {"pt", "jan.|fev.|mar.|abr.|mai.|jun.|jul.|ago.|set.|out.|nov.|dez."},
    {"nl", "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"},
    {"nl", "jan.|feb.|mrt.|apr.|mei|jun.|jul.|aug.|sep.|okt.|nov.|dec."},
    {"sv", "januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"},
    {"sv", "jan.|feb.|mars|apr.|maj|juni|juli|aug.|sep.|okt.|nov.|dec."},
    {"da", "januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december"},
    {"da", "jan.|feb.|mar.|apr.|maj|jun.|jul.|aug.|sep.|okt.|nov.|dec."},
    {"nb", "januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember"},
    {"nb", "jan.|feb.|mar.|apr.|mai|jun.|jul.|aug.|sep.|okt.|nov.|des."},
    {"fi", "tammikuuta|helmikuuta|maaliskuuta|huhtikuuta|toukokuuta|kesäkuuta|heinäkuuta|elokuuta|syyskuuta|lokakuuta|"
           "marraskuuta|joulukuuta"},
    {"fi", "tammik.|helmik.|maalisk.|huhtik.|toukok.|kesäk.|heinäk.|elok.|syysk.|lokak.|marrask.|jouluk."},
    {"pl", "stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października||grudnia"},
    {"pl", "sty|lut|mar|kwi|maj|cze||sie|wrz|paź||gru"},
    {"cs", "ledna|února|března|dubna|května|června|července|srpna|září|října|listopadu|prosince"},
    {"cs", "led|úno|bře|dub|kvě|čvn|čvc||zář|říj||pro"},
    {"sk", "januára|februára|marca|apríla|mája|júna|júla|augusta|septembra|októbra|novembra|decembra"},
    {"sk", "jan|feb|mar|apr|máj|jún|júl|aug|sep|okt|nov|dec"},
    {"sl", "januar|februar|marec|april|maj|junij|julij|avgust|september|oktober|november|december"},
    {"sl", "jan.|feb.|mar.|apr.|maj|jun.|jul.|avg.|sep.|okt.|nov.|dec."},
    {"hr", "siječnja|veljače|ožujka|travnja|svibnja|lipnja|srpnja|kolovoza|rujna||studenoga|prosinca"},
    {"hr", "sij|velj|ožu|tra|svi|||kol|ruj||stu|pro"},
    {"sr", "јануар|фебруар|март|април|мај|јун|јул|август|септембар|октобар|новембар|децембар"},
    {"sr", "јан|феб|мар|апр|мај|јун|јул|авг|сеп|окт|нов|дец"},
    {"sr_Latn", "januar|februar|mart|april|maj|jun|jul|avgust|septembar|oktobar|novembar|decembar"},
    {"sr_Latn", "jan|feb|mar|apr|maj|jun|jul|avg|sep|okt|nov|dec"},
    {"mk", "јануари|февруари|март|април|мај|јуни|јули|август|септември|октомври|ноември|декември"},
    {"mk", "јан.|фев.|мар.|апр.|мај|јун.|јул.|авг.|септ.|окт.|ноем.|дек."},
    {"bg", "януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември"},
    {"bg", "яну|фев|март|апр|май|юни|юли|авг|сеп|окт|ное|дек"},
    {"ru", "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"},
    {"ru", "янв.|февр.|мар.|апр.|мая|июн.|июл.|авг.|сент.|окт.|нояб.|дек."},
    {"uk", "січня|лютого|березня|квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня"},
    {"uk", "січ.|лют.|бер.|квіт.|трав.|черв.|лип.|серп.|вер.|жовт.|лист.|груд."},
    {"be", "студзеня|лютага|сакавіка|красавіка|мая|чэрвеня|ліпеня|жніўня|верасня|кастрычніка|лістапада|снежня"},
    {"be", "сту|лют|сак|кра|мая|чэр|ліп|жні|вер|кас|ліс|сне"},
    {"ro", "ianuarie|februarie|martie|aprilie|mai|iunie|iulie|august|septembrie|octombrie|noiembrie|decembrie"},
    {"ro", "ian.|feb.|mar.|apr.|mai|iun.|iul.|aug.|sept.|oct.|nov.|dec."},
    {"hu", "január|február|március|április|május|június|július|augusztus|szeptember|október|november|december"},
    {"hu", "jan.|febr.|márc.|ápr.|máj.|jún.|júl.|aug.|szept.|okt.|nov.|dec."},
    {"tr", "Ocak|Şubat|Mart|Nisan|Mayıs|Haziran|Temmuz|Ağustos|Eylül|Ekim|Kasım|Aralık"},
    {"tr", "Oca|Şub|Mar|Nis|May|Haz|Tem|Ağu|Eyl|Eki|Kas|Ara"},
    {"el", "Ιανουαρίου|Φεβρουαρίου|Μαρτίου|Απριλίου|Μαΐου|Ιουνίου|Ιουλίου|Αυγούστου|Σεπτεμβρίου|Οκτωβρίου|Νοεμβρίου|"
           "Δεκεμβρίου"},
    {"el", "Ιαν|Φεβ|Μαρ|Απρ|Μαΐ|Ιουν|Ιουλ|Αυγ|Σεπ|Οκτ|Νοε|Δεκ"},
    {"et", "jaanuar|veebruar|märts|aprill|mai|juuni|juuli|august|september|oktoober|november|detsember"},
    {"et", "jaan|veebr|märts|apr|mai|juuni|juuli|aug|sept|okt|nov|dets"},
    {"lv", "janvāris|februāris|marts|aprīlis|maijs|jūnijs|jūlijs|augusts|septembris|oktobris|novembris|decembris"},
    {"lv", "janv.|febr.|marts|apr.|maijs|jūn.|jūl.|aug.|sept.|okt.|nov.|dec."},
    {"lt", "sausio|vasario|kovo|balandžio|gegužės|birželio|liepos|rugpjūčio|rugsėjo|spalio|lapkričio|gruodžio"},
    {"lt", "saus.|vas.|kov.|bal.|geg.|birž.|liep.|rugp.|rugs.|spal.|lapkr.|gruod."},
    {"sq", "janar|shkurt|mars|prill|maj|qershor|korrik|gusht|shtator|tetor|nëntor|dhjetor"},
    {"id", "Januari|Februari|Maret|April|Mei|Juni|Juli|Agustus|September|Oktober|November|Desember"},
    {"id", "Jan|Feb|Mar|Apr|Mei|Jun|Jul|Agu|Sep|Okt|Nov|Des"},
    {"ms", "Januari|Februari|Mac|April|Mei|Jun|Julai|Ogos|September|Oktober|November|Disember"},
    {"ms", "Jan|Feb|Mac|Apr|Mei|Jun|Jul|Ogo|Sep|Okt|Nov|Dis"},
    {"he", "ינואר|פברואר|מרץ|אפריל|מאי|יוני|יולי|אוגוסט|ספטמבר|אוקטובר|נובמבר|דצמבר"},
    {"he", "ינו׳|פבר׳|מרץ|אפר׳|מאי|יוני|יולי|אוג׳|ספט׳|אוק׳|נוב׳|דצמ׳"},
    {"ar", "يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"},
    {"hi", "जनवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्तूबर|नवंबर|दिसंबर"},
    {"hi", "जन॰|फ़र॰|मार्च|अप्रैल|मई|जून|जुल॰|अग॰|सित॰|अक्तू॰|नव॰|दिस॰"},
    {"ca", "de gener|de febrer|de març|d’abril|de maig|de juny|de juliol|d’agost|de setembre|d’octubre|de novembre|de "
           "desembre"},
    {"ca", "de gen.|de febr.|de març|d’abr.|de maig|de juny|de jul.|d’ag.|de set.|d’oct.|de nov.|de des."},
    {"gl", "xaneiro|febreiro|marzo|abril|maio|xuño|xullo|agosto|setembro|outubro|novembro|decembro"},
    {"gl", "xan.|feb.|mar.|abr.|maio|xuño|xul.|ago.|set.|out.|nov.|dec."},
    {"is", "janúar|febrúar|mars|apríl|maí|júní|júlí|ágúst|september|október|nóvember|desember"},
    {"is", "jan.|feb.|mar.|apr.|maí|jún.|júl.|ágú.|sep.|okt.|nóv.|des."},
};

} // namespace

BOOST_AUTO_TEST_SUITE(months)

BOOST_AUTO_TEST_CASE(in_every_language_that_is_read)
{
    for (const auto& [language, months] : languages) {
        int month = 1;
        for (std::size_t begin = 0; begin <= months.size(); ++month) {
            const auto end = std::min(months.find('|', begin), months.size());
            const auto name = months.substr(begin, end - begin);
            begin = end + 1;
            if (name.empty())
                continue;
            const auto moment = read_moment("5 " + std::string(name) + " 2022, 12:00");
            BOOST_CHECK_MESSAGE(moment.kind == Moment::Kind::time &&
                                    activity::month_of(moment.seconds) == 624 + month - 1,
                                language << ": " << name);
        }
        BOOST_TEST(month == 13);
    }
}

BOOST_AUTO_TEST_CASE(what_two_languages_mean_two_months_by_is_not_guessed)
{
    for (const auto* word : {"lis", "lip", "srp", "listopad", "listopada"}) {
        BOOST_TEST(month_of(word) == imports::unclear_month);
        BOOST_CHECK(read_moment("5 " + std::string(word) + " 2022, 12:00").kind == Moment::Kind::unread);
    }
    BOOST_TEST(month_of("listopadu") == 11); // Czech alone says this
    BOOST_TEST(month_of("lipca") == 7);
    BOOST_TEST(month_of("lipnja") == 6);
}

BOOST_AUTO_TEST_CASE(a_month_may_begin_with_a_capital_of_its_alphabet)
{
    for (const auto* word : {"Ноября", "Νοεμβρίου", "November", "Листопада"})
        BOOST_CHECK_MESSAGE(read_moment("5 " + std::string(word) + " 2022, 12:00").kind == Moment::Kind::time, word);
    BOOST_TEST(month_of("Şubat") == 2);
    BOOST_TEST(month_of("Říjen") == 10);
    BOOST_TEST(month_of("Ағустос") == 0); // a language that is not read
}

BOOST_AUTO_TEST_CASE(half_days_in_greek_and_arabic)
{
    BOOST_TEST(read_moment("5 Νοε 2022, 4:36 μ.μ.").seconds - read_moment("5 Νοε 2022, 4:36 π.μ.").seconds ==
               12 * 3600);
    BOOST_TEST(read_moment("5 نوفمبر 2022, 4:36 م").seconds - read_moment("5 نوفمبر 2022, 4:36 ص").seconds ==
               12 * 3600);
}

BOOST_AUTO_TEST_SUITE_END()
