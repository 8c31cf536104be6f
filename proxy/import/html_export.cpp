#include "proxy/import/html_export.hpp"

#include "proxy/import/entry.hpp"
#include "proxy/import/event_table.hpp"
#include "proxy/import/latin1.hpp"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <new>

namespace paravent::imports {
namespace {

constexpr std::size_t piece_size = 16'384;
/// What the parser may hold back of a tag or a text that does not end.
constexpr std::size_t longest_token = std::size_t{2} << 20;
constexpr int deepest = 256; ///< elements in each other; Meta's pages have some fifteen
constexpr std::size_t most_links = 100'000;
constexpr std::size_t longest_end = 32; ///< of a page, kept to see whether it is whole
constexpr std::size_t longest_text = 4 * activity::max_export_name;

std::string_view view(const xmlChar* text) noexcept
{
    return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}

/// Those within which a text goes on.
bool is_inline(std::string_view tag) noexcept
{
    constexpr std::string_view tags[] = {"b", "i", "u", "em", "strong", "span", "font", "small"};
    return std::find(std::begin(tags), std::end(tags), tag) != std::end(tags);
}

bool is_code(std::string_view tag) noexcept
{
    return tag == "script" || tag == "style";
}

} // namespace

class HtmlExport::Page {
public:
    Page(Summing& summing, std::string path) : summing_(summing), path_(std::move(path)), table_(summing)
    {
        htmlSAXHandler handler{};
        handler.startElement = [](void* page, const xmlChar* name, const xmlChar** attributes) {
            static_cast<Page*>(page)->call([&](Page& self) { self.start(view(name), attributes); });
        };
        handler.endElement = [](void* page, const xmlChar* name) {
            static_cast<Page*>(page)->call([&](Page& self) { self.stop(view(name)); });
        };
        handler.characters = [](void* page, const xmlChar* text, int size) {
            static_cast<Page*>(page)->call(
                [&](Page& self) { self.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)}); });
        };
        handler.ignorableWhitespace = handler.characters;
        parser_.reset(htmlCreatePushParserCtxt(&handler, this, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8));
        if (!parser_)
            throw std::bad_alloc();
        htmlCtxtUseOptions(parser_.get(), HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                              HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
    }

    Problem read(std::string_view bytes)
    {
        keep_end(bytes);
        while (!bytes.empty()) {
            const auto piece = bytes.substr(0, piece_size);
            bytes.remove_prefix(piece.size());
            const auto end = piece.rfind('>');
            held_ += end == piece.npos ? piece : piece.substr(0, end + 1);
            if (end != piece.npos) {
                if (auto problem = parse(false); !problem.empty())
                    return problem;
                held_ = piece.substr(end + 1);
            }
            if (held_.size() > longest_token)
                return endless();
        }
        return {};
    }

    Problem end()
    {
        if (auto problem = parse(true); !problem.empty())
            return problem;
        end_business();
        return full_ ? no_room() : ends_whole() ? Problem{} : breaks_off();
    }

    bool has_events() const noexcept { return table_.events() > 0; }
    std::uint64_t unread_times() const noexcept { return table_.unread_times(); }
    std::uint64_t without_time() const noexcept { return table_.without_time(); }
    bool zoned() const noexcept { return table_.zoned(); }
    const std::vector<std::uint64_t>& links() const noexcept { return links_; }

private:
    /// Nothing may be thrown through libxml2, which is C.
    template <class F>
    void call(F f) noexcept
    {
        try {
            if (!full_ && !out_of_memory_)
                f(*this);
        } catch (const std::bad_alloc&) {
            out_of_memory_ = true;
        }
        if (full_ || out_of_memory_)
            xmlStopParser(parser_.get());
    }

    Problem parse(bool end)
    {
        htmlParseChunk(parser_.get(), held_.data(), static_cast<int>(held_.size()), end ? 1 : 0);
        if (out_of_memory_ || parser_->errNo == XML_ERR_NO_MEMORY)
            throw std::bad_alloc();
        if (full_)
            return no_room();
        if (parser_->nameNr > deepest)
            return "This HTML file is no page of Meta's export, or was made to do harm: its elements stand in each "
                   "other "
                   "too deep. Drop the export as it comes.";
        // A comment may go on after many a tag's end.
        const auto* input = parser_->input;
        if (input != nullptr && static_cast<std::size_t>(input->end - input->cur) > longest_token)
            return endless();
        return {};
    }

    /// Blanks behind the end do not count.
    void keep_end(std::string_view bytes)
    {
        bytes = bytes.substr(0, bytes.find_last_not_of(" \t\r\n\f") + 1);
        end_ += bytes.substr(bytes.size() - std::min(bytes.size(), longest_end));
        end_.erase(0, end_.size() - std::min(end_.size(), longest_end));
    }

    /// The parser closes whatever is open, so a page that was cut looks whole to it, with some events missing.
    bool ends_whole() const
    {
        auto end = std::string_view(end_);
        if (!end.ends_with('>'))
            return false;
        end = end.substr(0, end.find_last_not_of(" \t\r\n>") + 1);
        constexpr std::string_view tag = "</html";
        return end.size() >= tag.size() &&
               std::equal(tag.begin(), tag.end(), end.end() - tag.size(), [](char wanted, char c) {
                   return wanted == c || (c >= 'A' && c <= 'Z' && wanted == c + 32);
               });
    }

    static Problem endless()
    {
        return "This HTML file is no page of Meta's export, or was made to do harm: something in it does not end. Drop "
               "the export as it comes.";
    }

    void start(std::string_view tag, const xmlChar** attributes)
    {
        if (is_code(tag))
            ++code_;
        if (!is_inline(tag))
            end_text();
        if (tag == "h2") {
            end_business();
            in_name_ = true;
        } else if (tag == "table") {
            full_ = full_ || !table_.end_event();
        } else if (tag == "tr") {
            full_ = full_ || !table_.end_row();
        } else if (tag == "a") {
            for (; attributes != nullptr && attributes[0] != nullptr; attributes += 2)
                if (view(attributes[0]) == "href")
                    link(view(attributes[1]));
        }
    }

    void stop(std::string_view tag)
    {
        if (is_code(tag))
            code_ -= code_ > 0 ? 1 : 0;
        if (!is_inline(tag))
            end_text();
        if (tag == "h2")
            in_name_ = false;
        else if (tag == "tr")
            full_ = full_ || !table_.end_row();
        else if (tag == "table")
            full_ = full_ || !table_.end_row() || !table_.end_event();
    }

    void text(std::string_view piece)
    {
        if (code_ > 0)
            return;
        auto& to = in_name_ ? name_ : text_;
        to += piece.substr(0, longest_text - std::min(longest_text, to.size()));
    }

    void end_text()
    {
        table_.add(text_);
        text_.clear();
    }

    void end_business()
    {
        full_ = full_ || !table_.end_row() || !table_.end_event();
        full_ = full_ || !summing_.business(mend_latin1(name_, name_.size() >= longest_text),
                                            path_.empty() ? 0 : page_of(path_));
        name_.clear();
    }

    void link(std::string_view to)
    {
        const auto file = to.substr(0, to.find_first_of("?#"));
        const bool elsewhere = to.starts_with("/") || to.find("://") != to.npos || to.starts_with("mailto:");
        if (elsewhere || !(file.ends_with(".html") || file.ends_with(".htm")))
            return;
        if (links_.size() >= most_links)
            full_ = true;
        else
            links_.push_back(page_of_link(to, path_));
    }

    struct Free {
        void operator()(htmlParserCtxt* parser) const noexcept { htmlFreeParserCtxt(parser); }
    };
    Summing& summing_;
    const std::string path_;
    EventTable table_;
    std::unique_ptr<htmlParserCtxt, Free> parser_;
    /// What came after the last tag: libxml2 takes the whole page for a style sheet where "</style>" comes in two
    /// parts.
    std::string held_;
    std::string end_;         ///< the last bytes that are no blanks
    std::string name_, text_; ///< of the business; of the cell that is being read
    std::vector<std::uint64_t> links_;
    int code_ = 0;
    bool in_name_ = false, full_ = false, out_of_memory_ = false;
};

HtmlExport::HtmlExport(Summing& summing, std::string path) : page_(std::make_unique<Page>(summing, std::move(path))) {}
HtmlExport::~HtmlExport() = default;
HtmlExport::HtmlExport(HtmlExport&&) noexcept = default;
HtmlExport& HtmlExport::operator=(HtmlExport&&) noexcept = default;

Problem HtmlExport::read(std::string_view piece)
{
    return page_->read(piece);
}

Problem HtmlExport::end()
{
    return page_->end();
}

bool HtmlExport::has_events() const noexcept
{
    return page_->has_events();
}

std::uint64_t HtmlExport::unread_times() const noexcept
{
    return page_->unread_times();
}

std::uint64_t HtmlExport::without_time() const noexcept
{
    return page_->without_time();
}

bool HtmlExport::zoned() const noexcept
{
    return page_->zoned();
}

const std::vector<std::uint64_t>& HtmlExport::links() const noexcept
{
    return page_->links();
}

} // namespace paravent::imports
