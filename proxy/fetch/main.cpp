// paravent-fetch: reads one request from its standard input, writes the reply and the list's text to its standard
// output, and ends. The service starts it; it is of no use by hand.
#include "proxy/fetch/confine.hpp"
#include "proxy/fetch/transfer.hpp"
#include "proxy/files/file.hpp"
#include "proxy/lists/candidate.hpp"
#include "proxy/lists/inflate.hpp"

#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <new>

namespace {

using namespace paravent;

std::optional<lists::FetchRequest> read_request()
{
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return std::nullopt;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t length = 0;
        auto request = lists::read_request(text, length);
        if (!request || length > 0)
            return request;
    }
}

/// A list that was packed for the way, or is a .gz file, or both. Returns what is wrong with it, else empty.
std::string unpack(std::string& text)
{
    for (int times = 0; times < 2 && lists::is_gzip(text); ++times) {
        std::string out;
        const auto result = lists::inflate_gzip(text, lists::largest_fetched, out);
        if (result == lists::Inflated::damaged)
            return "broke off before its end, or is damaged: its gzip content does not unpack";
        if (result == lists::Inflated::too_large)
            return "is larger than " + std::to_string(lists::largest_fetched >> 20) + " MiB";
        text = std::move(out);
    }
    return {};
}

lists::FetchReply fetch_and_examine(const lists::FetchRequest& request, std::string& text)
{
    auto reply = fetch::transfer(request, text);
    if (reply.kind != lists::FetchReply::Kind::text)
        return reply;
    auto fault = unpack(text);
    const auto candidate = fault.empty() ? lists::examine(text) : lists::Candidate{std::move(fault), 0, {}};
    if (!candidate.fault.empty()) {
        lists::FetchReply refused;
        refused.error = candidate.fault;
        return refused;
    }
    reply.rules = candidate.rules;
    reply.expires = candidate.expires;
    reply.length = text.size();
    return reply;
}

lists::FetchReply served(const lists::FetchRequest& request, std::string& text)
{
    lists::FetchReply reply;
    if (const auto problem = fetch::confine(request.trust); !problem.empty()) {
        reply.error = "was not asked: the helper program could not give up its rights (" + problem + ")";
        return reply;
    }
    try {
        return fetch_and_examine(request, text);
    } catch (const std::bad_alloc&) {
        text = {};
        reply.error = "needs more memory than a list may";
        return reply;
    }
}

} // namespace

int main(int argc, char**)
{
    if (argc > 1 || isatty(STDIN_FILENO) != 0) {
        std::fputs("paravent-fetch is started by `paravent run` to fetch lists; it takes no words.\n", stderr);
        return 2;
    }
    mallopt(M_ARENA_MAX, 1); // the resolver's thread would reserve 64 MiB of the address space for its own
    const auto request = read_request();
    if (!request)
        return 2;
    std::string text;
    const auto reply = served(*request, text);
    const auto say = [](std::string_view bytes) { return files::write_all(STDOUT_FILENO, bytes); };
    return say(lists::text_of(reply)) && say(std::string_view(text).substr(0, reply.length)) ? 0 : 1;
}
