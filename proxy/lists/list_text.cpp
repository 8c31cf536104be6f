#include "proxy/lists/list_text.hpp"

#include "proxy/files/file.hpp"
#include "proxy/lists/inflate.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>

namespace paravent::lists {
namespace {

/// The file's bytes, at most `most` of them. A fault where there are more.
ListText read_bytes(const std::filesystem::path& path, std::size_t most)
{
    auto content = files::read_file(path, most);
    if (content)
        return {std::move(content->text), content->changed_ms, {}};
    const auto error = content.error();
    ListText read;
    if (error == boost::system::errc::is_a_directory)
        read.fault = "is a folder; name one file";
    else if (error == boost::system::errc::not_supported)
        read.fault = "is no plain file";
    else if (error == boost::system::errc::file_too_large)
        read.fault = "is larger than " + std::to_string(most >> 20) + " MiB";
    else
        read.fault = "cannot be read: " + error.message();
    return read;
}

ListText with_fault(ListText read, std::string fault)
{
    read.text = {};
    read.fault = std::move(fault);
    return read;
}

/// Lines with a NUL byte are skipped and counted one by one; a file that begins with many of them is something else.
bool is_binary(std::string_view text)
{
    constexpr std::size_t looked_at = 4096, one_in = 10;
    const auto begin = text.substr(0, looked_at);
    return static_cast<std::size_t>(std::ranges::count(begin, '\0')) * one_in > begin.size();
}

} // namespace

ListText read_list(const std::filesystem::path& file, std::size_t most, std::size_t largest)
{
    // `most` is what the lists before this one have left.
    const std::string too_much =
        "and the lists before it have more text than can be taken, " + std::to_string(largest_text >> 20) + " MiB";
    ListText read = read_bytes(file, largest);
    if (!read.fault.empty())
        return read;

    if (is_gzip(read.text)) {
        std::string text;
        const Inflated result = inflate_gzip(read.text, most, text);
        if (result == Inflated::damaged)
            return with_fault(std::move(read), "is damaged: its gzip content does not unpack to the end");
        if (result == Inflated::too_large)
            return with_fault(std::move(read), most < largest_text
                                                   ? too_much
                                                   : "unpacks to more than " + std::to_string(most >> 20) + " MiB");
        read.text = std::move(text);
    } else if (file.extension() == ".gz") {
        return with_fault(std::move(read), "is named .gz but is no gzip file");
    }
    if (read.text.size() > most)
        return with_fault(std::move(read), too_much);
    if (is_binary(read.text))
        return with_fault(std::move(read), "is no text");
    return read;
}

std::string keep_list(const std::filesystem::path& file, const ListText& list)
{
    std::error_code ignored;
    if (std::filesystem::file_size(file, ignored) == list.text.size()) {
        const ListText there = read_bytes(file, largest_text);
        if (there.fault.empty() && there.text == list.text)
            return {};
    }
    std::filesystem::create_directories(file.parent_path(), ignored);
    chmod(file.parent_path().c_str(), 0700);

    const auto error = files::write_whole(file, list.text, list.changed_ms);
    return error ? error.message() : std::string{};
}

} // namespace paravent::lists
