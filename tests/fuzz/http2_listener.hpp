#pragma once

#include "proxy/wire/http2.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

/// What both fuzz targets of HTTP/2 require of whatever a session tells.
namespace http2_fuzz {

using namespace paravent::wire;
using namespace paravent::wire::http2;

inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

inline bool is_clean(std::string_view text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

inline void require_clean(const Message& head)
{
    require(head.fields.size() <= http1::max_fields);
    for (const auto piece : {head.method, head.scheme, head.authority, head.path})
        require(is_clean(piece));
    for (const auto& field : head.fields) {
        require(!field.name.empty() && is_clean(field.name) && is_clean(field.value));
        require(std::none_of(field.name.begin(), field.name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
        for (const std::string_view never :
             {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"})
            require(field.name != never || (never == "host" && head.status != 0));
        require(field.name.find(':') == std::string_view::npos);
    }
}

/// Keeps what came of each stream, and requires that it comes in order.
class Checker : public Listener {
public:
    void on_interim(StreamId stream, Message head) override
    {
        require(known(stream).head == 0 && head.status >= 100 && head.status < 200 && head.status != 101);
        require_clean(head);
    }
    void on_head(StreamId stream, Message head, bool end) override
    {
        Course& course = known(stream);
        require(course.head++ == 0);
        require_clean(head);
        course.ended = end;
        course.length = head.length;
        require(!end || head.length.value_or(0) == 0 || head.status != 0);
    }
    void on_body(StreamId stream, std::string_view bytes) override
    {
        Course& course = known(stream);
        require(course.head == 1 && !course.ended && !bytes.empty());
        course.held += bytes.size();
        course.came += bytes.size();
        held += bytes.size();
        require(course.held <= 256U * 1024 && held <= 1024U * 1024);
    }
    void on_end(StreamId stream, std::string trailer) override
    {
        Course& course = known(stream);
        require(course.head == 1 && !course.ended);
        require(!course.length || *course.length == course.came);
        course.ended = true;
        require(trailer.empty() || trailer.ends_with("\r\n"));
        require(trailer.find('\0') == std::string::npos);
    }
    void on_reset(StreamId stream, std::uint32_t) override { forget(stream); }
    void on_room(StreamId stream) override { require(known(stream).head >= 0); }

    struct Course {
        int head = 0;
        bool ended = false;
        std::size_t held = 0, came = 0;
        std::optional<std::uint64_t> length;
    };
    Course& known(StreamId stream)
    {
        if (!open)
            return courses[stream];
        const auto found = courses.find(stream);
        require(found != courses.end());
        return found->second;
    }
    void forget(StreamId stream)
    {
        held -= known(stream).held;
        courses.erase(stream);
        gone.push_back(stream);
    }
    std::size_t consume(Session& session, StreamId stream, std::size_t most)
    {
        Course& course = known(stream);
        const std::size_t n = std::min(most, course.held);
        course.held -= n;
        held -= n;
        session.consumed(stream, n);
        return n;
    }

    std::map<StreamId, Course> courses;
    std::vector<StreamId> gone;
    std::size_t held = 0;
    bool open = false; ///< client: streams are known before anything comes
};

/// The output is well cut, and after an error it ends.
inline void drain(Session& session)
{
    for (int n = 0;; ++n) {
        const auto bytes = session.output();
        require(bytes.size() <= 32U * 1024 + 9 && n < 10'000);
        if (bytes.empty())
            return;
    }
}

} // namespace http2_fuzz
