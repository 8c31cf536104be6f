#include "proxy/import/json_export.hpp"

#include "proxy/activity/text.hpp"
#include "proxy/import/latin1.hpp"
#include "proxy/import/moment.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace paravent::imports {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

constexpr std::size_t deepest = 32; ///< Meta's stands 7 deep
/// Of one text, of which 300 bytes are kept: each of them may have been written as two.
constexpr std::size_t longest_text = 4 * activity::max_export_name;

/// Where in an export a value stands.
enum class Place : std::uint8_t {
    outside,
    top,
    businesses,
    business,
    events,
    event,
    labels,
    label,
    vec,
    item,
    dict,
    entry,
    elsewhere
};

/// The businesses' key: off_facebook_activity (2019), off_facebook_activity_v2, apps_and_websites_off_meta_activity.
bool is_businesses(std::string_view key) noexcept
{
    return key.starts_with("off_facebook_activity") || key.ends_with("off_meta_activity");
}

/// What begins at a place when an array or an object opens there, after `key`.
Place within(Place place, std::string_view key, bool is_array) noexcept
{
    switch (place) {
    case Place::outside:
        return is_array ? Place::businesses : Place::top;
    case Place::top:
        return is_array && is_businesses(key) ? Place::businesses : Place::elsewhere;
    case Place::businesses:
        return is_array ? Place::elsewhere : Place::business;
    case Place::business:
        return !is_array               ? Place::elsewhere
               : key == "events"       ? Place::events
               : key == "label_values" ? Place::labels
                                       : Place::elsewhere;
    case Place::events:
        return is_array ? Place::elsewhere : Place::event;
    case Place::labels:
        return is_array ? Place::elsewhere : Place::label;
    case Place::label:
        return is_array && key == "vec" ? Place::vec : Place::elsewhere;
    case Place::vec:
        return is_array ? Place::elsewhere : Place::item;
    case Place::item:
        return is_array && key == "dict" ? Place::dict : Place::elsewhere;
    case Place::dict:
        return is_array ? Place::elsewhere : Place::entry;
    default:
        return Place::elsewhere;
    }
}

/// A text that grows piece by piece, of which no more is kept than is of use.
class Bounded {
public:
    void add(std::string_view piece, bool last)
    {
        if (whole_) {
            text_.clear();
            cut_ = false;
        }
        const auto room = longest_text - text_.size();
        cut_ = cut_ || piece.size() > room;
        text_ += piece.substr(0, room);
        whole_ = last;
    }
    std::string_view text() const noexcept { return text_; }
    bool cut() const noexcept { return cut_; }

private:
    std::string text_;
    bool whole_ = true, cut_ = false;
};

bool is_moment(std::string_view text)
{
    return read_moment(text).kind != Moment::Kind::none;
}

bool is_digits(std::string_view text) noexcept
{
    return text.size() <= activity::max_export_account && activity::is_account(text);
}

} // namespace

/// Boost.JSON's handler: it keeps where it stands, and the event that is being read.
class JsonExport::Reader {
public:
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    explicit Reader(Summing& summing) : summing_(&summing) {}

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_array_begin(error_code&) { return open(true); }
    bool on_object_begin(error_code&) { return open(false); }
    bool on_array_end(std::size_t, error_code& e) { return close(e); }
    bool on_object_end(std::size_t, error_code& e) { return close(e); }
    bool on_key_part(string_view s, std::size_t, error_code&)
    {
        key_.add(s, false);
        return true;
    }
    bool on_key(string_view s, std::size_t, error_code&)
    {
        key_.add(s, true);
        return true;
    }
    bool on_string_part(string_view s, std::size_t, error_code&) { return part(s); }
    bool on_number_part(string_view s, error_code&) { return part(s); }
    bool on_string(string_view s, std::size_t, error_code&) { return value(s, false); }
    // A number as it is written: ids have more digits than a double holds.
    bool on_int64(std::int64_t, string_view s, error_code&) { return value(s, true); }
    bool on_uint64(std::uint64_t, string_view s, error_code&) { return value(s, true); }
    bool on_double(double, string_view s, error_code&) { return value(s, true); }
    bool on_bool(bool, error_code&) { return value({}, false); }
    bool on_null(error_code&) { return value({}, false); }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

    bool found() const noexcept { return found_; }
    bool empty_list() const noexcept { return is_list_ && !found_ && businesses_ == 0; }
    std::uint64_t undated() const noexcept { return undated_; }
    bool has_other_times() const noexcept { return other_times_; }
    bool is_instagram() const noexcept { return is_instagram_; }
    bool full() const noexcept { return full_; }

private:
    Place place() const noexcept { return places_.empty() ? Place::outside : places_.back(); }

    bool open(bool is_array)
    {
        const auto at = place();
        const auto next = within(at, key_.text(), is_array);
        if (next == Place::elsewhere && (at == Place::businesses || at == Place::events || at == Place::vec))
            summing_->unreadable();
        places_.push_back(next);
        if (next == Place::businesses) {
            is_list_ = at == Place::outside;
            found_ = found_ || !is_list_;
            is_instagram_ = is_instagram_ || key_.text().starts_with("apps_and_websites");
        }
        if (next == Place::business) {
            ++businesses_;
            name_.clear();
        }
        if (next == Place::event || next == Place::dict) {
            account_.clear();
            type_.clear();
            time_.clear();
            last_value_.clear();
        }
        return true;
    }

    bool close(error_code& error)
    {
        const auto ended = place();
        places_.pop_back();
        bool room = true;
        if (ended == Place::event || ended == Place::dict)
            room = end_event(ended == Place::dict);
        else if (ended == Place::business)
            room = summing_->business(name_);
        if (!room) {
            full_ = true;
            error = json::error::array_too_large;
        }
        return room;
    }

    bool end_event(bool has_labels)
    {
        std::int64_t time = 0;
        const auto* const end = time_.data() + time_.size();
        const auto [stop, error] = std::from_chars(time_.data(), end, time);
        const bool is_time = error == std::errc{} && stop == end;
        const bool is_event = !has_labels || !account_.empty();
        if (!is_time || !is_event) {
            summing_->unreadable();
            if (has_labels && is_event) {
                ++undated_;
                other_times_ = other_times_ || !time_.empty() || is_moment(type_) || is_moment(last_value_);
            }
            return true;
        }
        found_ = true;
        return summing_->event(account_, mend_latin1(type_), time);
    }

    bool part(std::string_view piece)
    {
        text_.add(piece, false);
        return true;
    }

    bool value(std::string_view last_piece, bool is_number)
    {
        text_.add(last_piece, true);
        const auto text = text_.text();
        const auto key = key_.text();
        switch (place()) {
        case Place::business:
            // Both shapes may have come to be one: whichever there is.
            if (!is_number && (key == "name" || key == "title"))
                name_ = mend_latin1(text, text_.cut());
            break;
        case Place::event:
            if (key == "id")
                account_ = is_digits(text) ? text : "";
            else if (key == "type" && !is_number)
                type_ = text;
            else if (key == "timestamp")
                time_ = text;
            break;
        case Place::entry:
            // The labels are in the account's language; what they label is not.
            if (key == "timestamp_value")
                time_ = text;
            else if (key == "value") { // the first of each: an event may have more labels than one knows
                if (auto& value = is_digits(text) ? account_ : type_; value.empty())
                    value = text;
                else
                    last_value_ = text;
            }
            break;
        case Place::businesses:
        case Place::events:
        case Place::vec:
            summing_->unreadable();
            break;
        default:
            break;
        }
        return true;
    }

    Summing* summing_;
    std::vector<Place> places_;
    Bounded key_, text_;
    std::string name_;                  ///< of the business being read
    std::string account_, type_, time_; ///< of the event being read
    std::string last_value_;            ///< of a label that told none of these
    std::size_t businesses_ = 0;
    std::uint64_t undated_ = 0;
    bool other_times_ = false;
    bool found_ = false, is_list_ = false, is_instagram_ = false, full_ = false;
};

namespace {

json::parse_options options()
{
    json::parse_options options;
    options.max_depth = deepest;
    options.allow_invalid_utf8 = true; // the sums' texts are cleaned
    return options;
}

} // namespace

/// The parser owns its handler.
struct JsonExport::Parser {
    explicit Parser(Summing& summing) : parser(options(), summing) {}
    json::basic_parser<Reader> parser;
    std::uint64_t bytes = 0; ///< read so far
    std::size_t mark = 0;    ///< bytes of a byte order mark that have come
};

JsonExport::JsonExport(Summing& summing) : parser_(std::make_unique<Parser>(summing)) {}
JsonExport::~JsonExport() = default;
JsonExport::JsonExport(JsonExport&&) noexcept = default;
JsonExport& JsonExport::operator=(JsonExport&&) noexcept = default;

Problem JsonExport::read(std::string_view piece)
{
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    while (parser_->bytes < mark.size() && !piece.empty() && parser_->bytes == parser_->mark &&
           piece.front() == mark[parser_->mark]) {
        ++parser_->bytes;
        ++parser_->mark;
        piece.remove_prefix(1);
    }
    if (piece.empty())
        return {};
    error_code error;
    if (parser_->mark > 0 && parser_->mark < mark.size())
        error = json::error::syntax;
    if (error)
        return problem(error);
    const auto taken = parser_->parser.write_some(true, piece.data(), piece.size(), error);
    parser_->bytes += taken;
    if (!error && taken < piece.size())
        error = json::error::extra_data;
    return error ? problem(error) : Problem{};
}

Problem JsonExport::end()
{
    error_code error;
    if (!parser_->parser.done())
        parser_->parser.write_some(false, "", 0, error);
    return error ? problem(error) : Problem{};
}

Problem JsonExport::problem(const boost::system::error_code& error) const
{
    if (parser_->parser.handler().full())
        return no_room();
    if (error == json::error::incomplete)
        return breaks_off();
    if (error == json::error::too_deep)
        return "This file is no export of Meta's: its JSON stands in itself more than " + std::to_string(deepest) +
               " deep. " + std::string(what_to_ask_for);
    return "This file is no good JSON (" + error.message() + ", near byte " + std::to_string(parser_->bytes) +
           "): it is damaged, or was changed. Download it again, and drop it as it comes.";
}

bool JsonExport::found() const noexcept
{
    return parser_->parser.handler().found();
}

bool JsonExport::empty_list() const noexcept
{
    return parser_->parser.handler().empty_list();
}

std::uint64_t JsonExport::undated() const noexcept
{
    return parser_->parser.handler().undated();
}

bool JsonExport::has_other_times() const noexcept
{
    return parser_->parser.handler().has_other_times();
}

bool JsonExport::is_instagram() const noexcept
{
    return parser_->parser.handler().is_instagram();
}

} // namespace paravent::imports
