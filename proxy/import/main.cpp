// paravent-import: reads Meta's export from its standard input, writes what it comes to as JSON lines to its standard
// output, and ends. The service starts it; it is of no use by hand.
#include "proxy/files/file.hpp"
#include "proxy/import/confine.hpp"
#include "proxy/import/reading.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <new>

namespace {

using namespace paravent;

constexpr std::size_t largest_output = std::size_t{16} << 20;

bool say(std::string_view bytes)
{
    return files::write_all(STDOUT_FILENO, bytes);
}

/// Counted before the first line is written, since an error never follows data.
bool fits(const imports::Summing& sums)
{
    std::size_t size = 1024; // the last line
    for (std::size_t i = 0; i < sums.rows() && size <= largest_output; ++i)
        size += activity::line_of(sums.row(i)).size();
    return size <= largest_output;
}

bool write_rows(const imports::Collection& collection, const std::string& sha256)
{
    const auto& sums = collection.sums();
    std::string out;
    for (std::size_t i = 0; i < sums.rows(); ++i) {
        out += activity::line_of(sums.row(i));
        if (out.size() < 65'536)
            continue;
        if (!say(out))
            return false;
        out.clear();
    }
    const boost::json::object end{{"source", collection.source()}, {"events", sums.events()},
                                  {"skipped", sums.skipped()},     {"zoned", collection.zoned()},
                                  {"files", collection.files()},   {"sha256", sha256}};
    return say(out + "{\"end\":" + boost::json::serialize(end) + "}\n");
}

imports::Problem imported(imports::Input& input, imports::Collection& collection)
{
    if (const auto problem = imports::confine(); !problem.empty())
        return "The file was not read: the helper program could not give up its rights (" + problem + ").";
    try {
        auto problem = imports::read_export(input, collection);
        return problem.empty() && !fits(collection.sums()) ? imports::no_room() : problem;
    } catch (const std::bad_alloc&) {
        return "This file needs more memory than an export of Meta's may: it is damaged, or made to do harm.";
    }
}

} // namespace

int main(int argc, char**)
{
    if (argc > 1 || isatty(STDIN_FILENO) != 0) {
        std::fputs("paravent-import is started by `paravent run` to read Meta's export; it takes no words.\n", stderr);
        return 2;
    }
    imports::Input input(STDIN_FILENO);
    imports::Collection collection;
    constexpr std::time_t clock_begins = 1'767'225'600; // 2026: before it the clock was not set
    constexpr std::time_t grace = std::time_t{2} * 24 * 3600;
    if (const auto now = std::time(nullptr); now > clock_begins)
        collection.none_after(now + grace);
    if (const auto problem = imported(input, collection); !problem.empty()) {
        const auto* const nothing = collection.holds_nothing() ? ",\"nothing\":true" : "";
        (void)say("{\"error\":" + boost::json::serialize(problem) + nothing + "}\n");
        return 1;
    }
    return write_rows(collection, input.sha256()) ? 0 : 1;
}
