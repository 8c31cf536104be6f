#include "proxy/import/reading.hpp"

#include "proxy/import/archive.hpp"

#include <cstring>

namespace paravent::imports {
namespace {

Problem read_file(Input& input, Entry kind, Collection& collection)
{
    auto problem = collection.begin({}, kind);
    while (problem.empty()) {
        const auto piece = input.next();
        if (piece.empty())
            return collection.end();
        problem = collection.read(piece);
    }
    return problem;
}

Problem read_whole(Input& input, Collection& collection)
{
    const auto first = input.next();
    input.again();
    if (first.empty())
        return "This file is empty. " + std::string(what_to_ask_for);
    if (first.starts_with("PK\x03\x04"))
        return read_zip(input, collection);
    if (first.starts_with("PK\x05\x06")) // a zip without a single entry
        return {};
    if (first.starts_with("\xFF\xFE") || first.starts_with("\xFE\xFF"))
        return read_file(input, Entry::json, collection); // which says what is wrong
    const auto begin = first.find_first_not_of(" \t\r\n", first.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    const char letter = begin == std::string_view::npos ? ' ' : first[begin];
    if (letter == '{' || letter == '[')
        return read_file(input, Entry::json, collection);
    if (letter == '<')
        return read_file(input, Entry::html, collection);
    return "This is neither a zip nor a JSON or HTML file, as Meta's export is. " + std::string(what_to_ask_for);
}

} // namespace

Problem read_export(Input& input, Collection& collection)
{
    auto problem = read_whole(input, collection);
    if (problem.empty() && !input.failed())
        input.drain();
    // Whatever was made of half a file, this is why.
    if (input.failed())
        return "The file could not be read to its end: " + std::string(std::strerror(input.error())) + ".";
    return problem.empty() ? collection.finish("This file") : problem;
}

} // namespace paravent::imports
