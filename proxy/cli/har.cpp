#include "proxy/cli/har.hpp"

#include "proxy/cli/client.hpp"
#include "proxy/cli/har_items.hpp"
#include "proxy/cli/lone_surrogates.hpp"
#include "proxy/cli/place.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/dashboard/time.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <zlib.h>

namespace paravent::cli {
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
            .append(escaped(field["name"].text()))
            .append("=")
            .append(escaped(field["value"].text()));
    if (!request.body.empty())
        request.content_type = "application/x-www-form-urlencoded";
}

class HarFile {
public:
    HarFile(const std::filesystem::path& file, const std::function<void(const RecordedRequest&)>& each)
        : name_(dashboard::inert(file.string())), each_(each),
          parser_(options(), [this](HarItems::Kind kind, const JsonNode& item) {
              kind == HarItems::Kind::page ? add_page(item) : add_entry(item);
          })
    {
    }

    void read(gzFile in)
    {
        std::string text; // what is not parsed yet
        std::array<char, 64 * 1024> piece{};
        for (bool last = false; !last;) {
            const int size = ::gzread(in, piece.data(), static_cast<unsigned>(piece.size()));
            int state = Z_OK;
            const char* message = ::gzerror(in, &state);
            if (size < 0 || (state != Z_OK && state != Z_STREAM_END))
                fail(state == Z_BUF_ERROR ? "ends in the middle of its gzip data" : message);
            last = size == 0;
            text.append(piece.data(), static_cast<std::size_t>(size));
            if (line_ == 1 && !begun_ && text.starts_with("\xEF\xBB\xBF"))
                text.erase(0, 3);
            const auto settled = replace_lone_surrogates(text, last);
            parse(std::string_view{text}.substr(0, settled));
            text.erase(0, settled);
        }
        if (!parser_.done()) {
            boost::json::error_code error;
            parser_.write_some(false, "", 0, error);
            if (error)
                fail("ends before its JSON does");
        }
        if (!parser_.handler().saw_entries())
            fail("is no HAR: it has no \"entries\" in a \"log\"");
    }

private:
    static boost::json::parse_options options()
    {
        boost::json::parse_options options;
        options.max_depth = max_nesting;
        options.allow_invalid_utf8 = true;
        return options;
    }

    [[noreturn]] void fail(const std::string& reason) const
    {
        throw Failure(wrong_usage, name_ + ":" + std::to_string(line_) + ": " + reason);
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
        request.time_ms = dashboard::parse_time(entry["startedDateTime"].text()).value_or(0);
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

    std::string name_;
    const std::function<void(const RecordedRequest&)>& each_;
    std::map<std::string, std::string, std::less<>> pages_;
    std::uint64_t line_ = 1, entries_ = 0;
    bool begun_ = false;
    boost::json::basic_parser<HarItems> parser_;
};

} // namespace

void read_har(const std::filesystem::path& file, const std::function<void(const RecordedRequest&)>& each)
{
    const auto name = dashboard::inert(file.string());
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        throw Failure(wrong_usage, name + ": is a folder");
    // gzread takes a file without gzip's first bytes as it is.
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(::gzopen(file.c_str(), "rb"), ::gzclose);
    if (!in)
        throw Failure(wrong_usage, name + ": " + std::strerror(errno));
    HarFile(file, each).read(in.get());
}

} // namespace paravent::cli
