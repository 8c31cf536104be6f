#include "proxy/policy/mine_file.hpp"

#include "proxy/files/file.hpp"

#include <boost/json.hpp>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <sys/random.h>
#include <unistd.h>

namespace paravent::policy {
namespace {

namespace json = boost::json;
using activity::Mine;
using activity::Own;

constexpr std::size_t largest = 64 * 1024; ///< twice 32 marks of 64 digits take 5 KiB

json::string hex_of(const Mine::Bytes& bytes)
{
    json::string hex;
    for (const unsigned byte : bytes) {
        hex.push_back("0123456789abcdef"[byte >> 4]);
        hex.push_back("0123456789abcdef"[byte & 15]);
    }
    return hex;
}

std::optional<Mine::Bytes> bytes_of(const json::value& value)
{
    Mine::Bytes bytes{};
    const auto* text = value.if_string();
    if (text == nullptr || text->size() != 2 * bytes.size() ||
        std::string_view{*text}.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return std::nullopt;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(digit((*text)[2 * i]) * 16 + digit((*text)[2 * i + 1]));
    return bytes;
}

/// Null where the text is no such file, or any part of it is not in order.
std::shared_ptr<const Mine> parse(std::string_view text)
{
    json::error_code error;
    const auto value = json::parse(text, error);
    const auto* object = error ? nullptr : value.if_object();
    const auto* format = object ? object->if_contains("format") : nullptr;
    const auto* key_text = object ? object->if_contains("key") : nullptr;
    if (format == nullptr || *format != 1 || key_text == nullptr)
        return nullptr;
    const auto key = bytes_of(*key_text);
    if (!key)
        return nullptr;
    auto mine = std::make_shared<Mine>(*key);
    for (const auto kind : {Own::em, Own::ph}) {
        const auto* marks = object->if_contains(activity::name_of(kind));
        if (marks == nullptr || !marks->is_array())
            return nullptr;
        for (const auto& one : marks->get_array()) {
            const auto mark = bytes_of(one);
            if (!mark || !mine->add(kind, *mark))
                return nullptr;
        }
    }
    return mine;
}

} // namespace

std::shared_ptr<const Mine> MineFile::read(std::string& problem) const
{
    const auto content = files::read_file(path_, largest);
    if (!content && content.error() == boost::system::errc::no_such_file_or_directory)
        return nullptr;
    auto mine = content ? parse(content->text) : nullptr;
    if (mine == nullptr)
        problem = path_.string() + " cannot be used (" + (content ? "it is not in order" : content.error().message()) +
                  "): no event says what was the owner's own until the values are given anew";
    return mine && mine->empty() ? nullptr : mine;
}

boost::system::error_code MineFile::write(const Mine& mine) const
{
    if (mine.empty()) {
        (void)::unlink((path_.string() + ".new").c_str()); // what a power cut may have left of a change
        if (::unlink(path_.c_str()) != 0 && errno != ENOENT)
            return {errno, boost::system::system_category()};
        return {};
    }
    json::object object{{"format", 1}, {"key", hex_of(mine.key())}};
    for (const auto kind : {Own::em, Own::ph}) {
        json::array marks;
        for (const auto& mark : mine.marks(kind))
            marks.push_back(hex_of(mark));
        object[activity::name_of(kind)] = std::move(marks);
    }
    return files::write_whole(path_, json::serialize(object) + "\n");
}

Mine::Bytes fresh_mine_key()
{
    Mine::Bytes key{};
    if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
        throw std::runtime_error("the kernel gives no random bytes");
    return key;
}

} // namespace paravent::policy
