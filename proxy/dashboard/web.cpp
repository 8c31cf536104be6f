// The pages, as they were built into the program.
#include "proxy/dashboard/web.hpp"

#include "proxy/dashboard/calls.hpp"
#include "proxy/dashboard/text.hpp"
#include "proxy/wire/content_coding.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace paravent::dashboard {
namespace {

const WebFile* file_called(std::string_view name)
{
    const auto files = web_files();
    const auto found = std::ranges::find(files, name, &WebFile::name);
    return found == files.end() ? nullptr : &*found;
}

/// Scripts and styles of our own, and nothing else from anywhere: no inline code, no frame. The set-up page asks the
/// box over https, which is another origin, and the demo page fires a pixel.
std::string policy_for(std::string_view page)
{
    std::string out = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";
    if (page == "setup.html")
        out += " https:";
    out += page == "demo.html"
               ? "; img-src 'self' data: http://www.facebook.com https://www.facebook.com https://connect.facebook.net"
               : "; img-src 'self' data:";
    return out + "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

bool takes_gzip(const server::LocalRequest& request)
{
    return request.field("Accept-Encoding").find("gzip") != std::string_view::npos;
}

std::string unpacked(const WebFile& file)
{
    return wire::inflate("gzip", file.gzip).bytes;
}

server::LocalReply not_built()
{
    return text_reply("text/plain; charset=utf-8",
                      "Paravent is running. This program was built without its pages (PARAVENT_WEB=OFF): the command "
                      "line shows everything, see `paravent --help`.\n");
}

server::LocalReply page_called(std::string_view name, std::string text)
{
    auto reply = text_reply("text/html; charset=utf-8", std::move(text));
    reply.fields.emplace_back("Content-Security-Policy", policy_for(name));
    return reply;
}

} // namespace

server::LocalReply get_page(const Parts&, const Call&)
{
    const auto* file = file_called("index.html");
    return file != nullptr ? page_called(file->name, unpacked(*file)) : not_built();
}

server::LocalReply get_demo(const Parts&, const Call&)
{
    const auto* file = file_called("demo.html");
    return file != nullptr ? page_called(file->name, unpacked(*file)) : not_built();
}

/// With what the device may know of itself in it, since over plain http it may ask nothing more.
server::LocalReply get_setup(const Parts& parts, const Call& call)
{
    const auto* file = file_called("setup.html");
    if (file == nullptr)
        return not_built();
    auto text = unpacked(*file);
    constexpr std::string_view before = "id=\"self\">", place = "{}";
    const auto at = text.find(before);
    if (at != std::string::npos && std::string_view(text).substr(at + before.size()).starts_with(place)) {
        auto self = text_of(self_shape(parts, call.request));
        for (std::size_t open = 0; (open = self.find('<', open)) != std::string::npos;) // no end of the element in it
            self.replace(open, 1, "\\u003c");
        text.replace(at + before.size(), place.size(), self);
    }
    return page_called(file->name, std::move(text));
}

server::LocalReply get_asset(const Parts&, const Call& call)
{
    const auto* file = file_called("assets/" + call.name);
    if (file == nullptr)
        return problem_reply({404, "there is no such file: the page is of another version, load it anew"});
    auto reply = text_reply(file->type, {});
    reply.fields.emplace_back("ETag", file->etag);
    reply.fields.emplace_back("Vary", "Accept-Encoding");
    // Their names change with their content.
    reply.fields.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
    if (call.request.field("If-None-Match") == file->etag) {
        reply.status = 304;
    } else if (takes_gzip(call.request)) {
        reply.fields.emplace_back("Content-Encoding", "gzip");
        reply.body = file->gzip;
    } else {
        reply.body = unpacked(*file);
    }
    return reply;
}

server::LocalReply get_health(const Parts&, const Call&)
{
    return text_reply("text/plain; charset=utf-8", "ok\n");
}

} // namespace paravent::dashboard
