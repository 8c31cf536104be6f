#include "proxy/lists/kept.hpp"

#include "proxy/files/file.hpp"

#include <boost/json.hpp>

namespace paravent::lists {
namespace {

namespace json = boost::json;

constexpr std::uintmax_t largest = 16 * 1024;

} // namespace

Kept read_kept(const std::filesystem::path& file)
{
    const auto content = files::read_file(file, largest);
    if (!content)
        return {};
    boost::system::error_code error;
    const auto value = json::parse(content->text, error);
    if (error || !value.is_object())
        return {};
    const auto& object = value.get_object();
    const auto text = [&](std::string_view key) {
        const auto* member = object.if_contains(key);
        return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string{};
    };
    const auto number = [&](std::string_view key) {
        const auto* member = object.if_contains(key);
        return member != nullptr && member->is_int64() && member->get_int64() > 0 ? member->get_int64() : 0;
    };
    Kept kept;
    kept.url = text("url");
    kept.etag = text("etag");
    kept.last_modified = text("last_modified");
    kept.rules = static_cast<std::size_t>(number("rules"));
    if (const auto seconds = number("expires"); seconds > 0)
        kept.expires = std::chrono::seconds{seconds};
    kept.checked_ms = number("checked");
    return kept;
}

boost::system::error_code write_kept(const std::filesystem::path& file, const Kept& kept)
{
    const json::object object{{"url", kept.url},
                              {"etag", kept.etag},
                              {"last_modified", kept.last_modified},
                              {"rules", static_cast<std::int64_t>(kept.rules)},
                              {"expires", kept.expires ? static_cast<std::int64_t>(kept.expires->count()) : 0},
                              {"checked", kept.checked_ms}};
    return files::write_whole(file, json::serialize(object) + "\n");
}

} // namespace paravent::lists
