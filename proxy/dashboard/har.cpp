#include "proxy/dashboard/har.hpp"

#include "proxy/activity/fields.hpp"
#include "proxy/dashboard/har_items.hpp"
#include "proxy/dashboard/lone_surrogates.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <map>

namespace paravent::dashboard {
namespace {

using activity::JsonNode;

constexpr std::size_t max_pages = 10'000; ///< whose titles are remembered
constexpr std::size_t max_nesting = 4096; ///< Chrome writes call stacks as objects in objects

/// What was posted. Tools write the text, or the fields of a form one by one.
void read_posted(const JsonNode& posted, RecordedRequest& request)
{
    if (request.content_type.empty())
        request.content_type = posted["mimeType"].text();
    const auto text = posted["text"].text();
    const auto base64 = [&](std::string_view key) { return posted[key].text() == "base64"; };
    if ((base64("encoding") || base64("_encoding")) && decode_base64(text, request.body))
        return;
    request.body = text;
    if (!text.empty())
        return;
    for (const auto field : posted["params"])
        request.body.append(request.body.empty() ? "" : "&")
            .append(activity::percent_encoded(field["name"].text()))
            .append("=")
            .append(activity::percent_encoded(field["value"].text()));
    if (!request.body.empty())
        request.content_type = "application/x-www-form-urlencoded";
}

} // namespace

class HarReader::State {
public:
    explicit State(std::function<void(const RecordedRequest&)> each)
        : each_(std::move(each)), parser_(options(), [this](HarItems::Kind kind, const JsonNode& item) {
              kind == HarItems::Kind::page ? add_page(item) : add_entry(item);
          })
    {
    }

    void feed(std::string_view piece, bool last)
    {
        text_.append(piece);
        if (line_ == 1 && !begun_ && text_.starts_with("\xEF\xBB\xBF"))
            text_.erase(0, 3);
        const auto settled = replace_lone_surrogates(text_, last);
        parse(std::string_view{text_}.substr(0, settled));
        text_.erase(0, settled);
        if (last)
            finish();
    }

private:
    static boost::json::parse_options options()
    {
        boost::json::parse_options options;
        options.max_depth = max_nesting;
        options.allow_invalid_utf8 = true;
        return options;
    }

    [[noreturn]] void fail(const std::string& reason) const { throw HarError(line_, reason); }

    void finish()
    {
        if (!parser_.done()) {
            boost::json::error_code error;
            parser_.write_some(false, "", 0, error);
            if (error)
                fail("ends before its JSON does");
        }
        if (!parser_.handler().saw_entries())
            fail("is no HAR: it has no \"entries\" in a \"log\"");
    }

    /// Line by line, so that a fault is found in its own.
    void parse(std::string_view text)
    {
        while (!text.empty()) {
            const auto size = std::min(text.find('\n'), text.size() - 1) + 1;
            const auto line = text.substr(0, size);
            text.remove_prefix(size);
            if (parser_.done()) {
                if (line.find_first_not_of(" \t\r\n") != std::string_view::npos)
                    fail("there is more behind the end of its JSON");
            } else {
                begun_ = true;
                boost::json::error_code error;
                const auto taken = parser_.write_some(true, line.data(), line.size(), error);
                if (error)
                    fail("is no JSON here (" + error.message() + ")");
                if (line.find_first_not_of(" \t\r\n", taken) != std::string_view::npos)
                    fail("there is more behind the end of its JSON");
            }
            line_ += line.ends_with('\n') ? 1 : 0;
        }
    }

    void add_page(const JsonNode& page)
    {
        if (pages_.size() < max_pages)
            pages_.emplace(page["id"].text(), page["title"].text().substr(0, 4096));
    }

    void add_entry(const JsonNode& entry)
    {
        const auto asked = entry["request"];
        RecordedRequest request;
        request.number = ++entries_;
        request.url = asked["url"].text();
        if (request.url.empty())
            fail("entry " + std::to_string(entries_) + " has no \"request\" with a \"url\"");
        request.method = asked["method"].text();
        request.time_ms = parse_time(entry["startedDateTime"].text()).value_or(0);
        for (const auto field : asked["headers"])
            request.take_field(field["name"].text(), field["value"].text());
        if (request.cookies.empty())
            for (const auto cookie : asked["cookies"])
                request.take_field("cookie",
                                   std::string{cookie["name"].text()} + "=" + std::string{cookie["value"].text()});
        // Chrome's title of a page is its address. It counts only where the request itself names no page.
        if (const auto page = pages_.find(entry["pageref"].text());
            page != pages_.end() && request.referer.empty() && request.origin.empty() &&
            (page->second.starts_with("https://") || page->second.starts_with("http://")))
            request.page = page->second;
        read_posted(asked["postData"], request);
        each_(request);
    }

    const std::function<void(const RecordedRequest&)> each_;
    std::string text_; ///< what is not parsed yet
    std::map<std::string, std::string, std::less<>> pages_;
    std::uint64_t line_ = 1, entries_ = 0;
    bool begun_ = false;
    boost::json::basic_parser<HarItems> parser_;
};

HarReader::HarReader(std::function<void(const RecordedRequest&)> each)
    : state_(std::make_unique<State>(std::move(each)))
{
}

HarReader::~HarReader() = default;

void HarReader::feed(std::string_view piece, bool last)
{
    state_->feed(piece, last);
}

} // namespace paravent::dashboard
