#include "proxy/import/archive.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <new>

namespace paravent::imports {
namespace {

using Archive = std::unique_ptr<archive, decltype(&archive_read_free)>;

la_ssize_t take(archive* to, void* context, const void** buffer)
{
    auto& input = *static_cast<Input*>(context);
    const auto piece = input.next();
    if (input.failed()) {
        archive_set_error(to, input.error(), "it cannot be read");
        return -1;
    }
    *buffer = piece.data();
    return static_cast<la_ssize_t>(piece.size());
}

Problem damaged(archive* from)
{
    if (archive_errno(from) == ENOMEM)
        throw std::bad_alloc();
    const char* words = archive_error_string(from);
    return "This zip breaks off before its end, or is damaged" + (words ? " (" + std::string(words) + ")" : "") +
           ": download it again, and drop it as it comes.";
}

/// The reader of zips knows more ways to pack than Meta uses, some of which ask for gigabytes.
bool is_plainly_packed(archive* from)
{
    const std::string_view name = archive_format_name(from);
    return name.find("(deflation)") != name.npos || name.find("(uncompressed)") != name.npos;
}

Problem read_entry(archive* from, Collection& collection)
{
    for (;;) {
        const void* bytes = nullptr;
        std::size_t size = 0;
        la_int64_t at = 0;
        const int result = archive_read_data_block(from, &bytes, &size, &at);
        if (result == ARCHIVE_EOF)
            return collection.end();
        if (result == ARCHIVE_RETRY)
            continue;
        if (result != ARCHIVE_OK) // a wrong check sum is a warning
            return damaged(from);
        if (auto problem = collection.read({static_cast<const char*>(bytes), size}); !problem.empty())
            return problem;
    }
}

/// What the list at the zip's end says of how many entries there are; nothing where there is no such end.
struct End {
    bool there = false;
    std::size_t entries = 0; ///< 0xFFFF: more than fit here
};

End end_of(const std::string& tail)
{
    const auto at = tail.rfind("PK\x05\x06");
    if (at == std::string::npos || tail.size() - at < 22)
        return {};
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(tail[at + i])); };
    return {true, byte(10) | byte(11) << 8};
}

Problem read_entries(archive* from, Collection& collection, std::size_t& entries)
{
    for (;; ++entries) {
        archive_entry* entry = nullptr;
        const int result = archive_read_next_header(from, &entry);
        if (result == ARCHIVE_EOF)
            return {};
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return damaged(from);
        // As bytes: the program has no locale, and Meta's names are ASCII.
        const char* name = archive_entry_pathname(entry);
        const auto kind = entry_of(name == nullptr ? "" : name);
        if (kind == Entry::other || archive_entry_filetype(entry) != AE_IFREG)
            continue;
        if (archive_entry_is_encrypted(entry) != 0)
            return "This zip is locked with a password, which Meta's are not: unpack it, and drop the .json file in "
                   "it.";
        if (!is_plainly_packed(from))
            return "This zip is packed in a way that Meta does not use: unpack it, and drop the .json file in it.";
        auto problem = collection.begin(name, kind);
        if (problem.empty())
            problem = read_entry(from, collection);
        if (!problem.empty())
            return problem;
    }
}

} // namespace

Problem read_zip(Input& input, Collection& collection)
{
    const Archive from(archive_read_new(), archive_read_free);
    if (!from || archive_read_support_format_zip_streamable(from.get()) != ARCHIVE_OK)
        throw std::bad_alloc();
    if (archive_read_open(from.get(), &input, nullptr, take, nullptr) != ARCHIVE_OK)
        return damaged(from.get());
    std::size_t entries = 0;
    if (auto problem = read_entries(from.get(), collection, entries); !problem.empty())
        return problem;
    input.drain();
    // Read from its front, a zip seems whole wherever the list at its end is not looked at.
    const auto end = end_of(input.tail());
    if (!end.there || (end.entries != 0xFFFF && entries < end.entries))
        return "This zip breaks off before its end, or is damaged: download it again, and drop it as it comes.";
    return {};
}

} // namespace paravent::imports
