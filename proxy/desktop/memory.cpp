#include "proxy/desktop/memory.hpp"

#include "proxy/files/file.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace paravent::desktop {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
constexpr std::uintmax_t largest = 1024 * 1024;
constexpr std::int64_t version = 1;

json::object json_of(const Values& values)
{
    json::object out;
    for (const auto& [key, value] : values)
        out[key] = value ? json::value(*value) : json::value(nullptr);
    return out;
}

Values values_of(const json::value& value)
{
    Values out;
    for (const auto& member : value.as_object())
        out.emplace(member.key(), member.value().is_null()
                                      ? std::nullopt
                                      : std::optional<std::string>(std::string_view(member.value().as_string())));
    return out;
}

Memory memory_of(const json::object& root)
{
    if (root.at("version").as_int64() != version)
        throw std::out_of_range("another version");
    Memory memory;
    if (const auto* asked = root.at("asked").if_object())
        memory.asked = Asked{asked->at("all").as_bool(), asked->at("fixed").as_bool(), asked->at("shells").as_bool(),
                             asked->at("network_manager").as_bool()};
    for (const auto& place : root.at("places").as_object()) {
        const auto& both = place.value().as_object();
        memory.places.emplace(place.key(), Changed{values_of(both.at("before")), values_of(both.at("ours"))});
    }
    return memory;
}

} // namespace

fs::path memory_file(const fs::path& state_directory)
{
    return state_directory / "system-proxy.json";
}

bool make_folder(const fs::path& state_directory)
{
    std::error_code problem, ignored;
    if (fs::create_directories(state_directory, problem))
        fs::permissions(state_directory, fs::perms::owner_all, ignored); // 0700, as the service makes it
    return !problem;
}

Memory read_memory(const fs::path& state_directory)
{
    const auto file = memory_file(state_directory);
    const auto content = files::read_file(file, largest);
    if (!content) {
        if (content.error() == boost::system::errc::no_such_file_or_directory)
            return {};
        throw std::runtime_error(file.string() + " cannot be read: " + content.error().message());
    }
    try {
        return memory_of(json::parse(content->text).as_object());
    } catch (const std::exception&) {
        throw std::runtime_error(file.string() +
                                 " is not in order, so what was set before is not known: set the proxy by "
                                 "hand in the desktop's settings, and remove that file");
    }
}

void write_memory(const fs::path& state_directory, const Memory& memory)
{
    const auto file = memory_file(state_directory);
    if (!memory.asked && memory.places.empty()) {
        std::error_code ignored;
        fs::remove(file, ignored);
        return;
    }
    json::object places;
    for (const auto& [name, changed] : memory.places)
        places[name] = json::object{{"before", json_of(changed.before)}, {"ours", json_of(changed.ours)}};
    json::value asked = nullptr;
    if (memory.asked)
        asked = json::object{{"all", memory.asked->all},
                             {"fixed", memory.asked->fixed},
                             {"shells", memory.asked->shells},
                             {"network_manager", memory.asked->network_manager}};
    (void)make_folder(state_directory); // without it, the file cannot be written, either
    const json::object root{{"version", version}, {"asked", asked}, {"places", places}};
    if (const auto error = files::write_whole(file, json::serialize(root) + "\n"))
        throw std::runtime_error(file.string() + " cannot be written, so nothing was changed: " + error.message());
}

} // namespace paravent::desktop
