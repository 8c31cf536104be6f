#include "proxy/dashboard/place_file.hpp"

#include "config/address.hpp"
#include "proxy/files/file.hpp"

#include <algorithm>

namespace paravent::dashboard {
namespace {

constexpr std::size_t largest = 4096; // first-boot reads no more either

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view space = " \t\r";
    const auto first = text.find_first_not_of(space);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// The pieces between marks, trimmed.
std::vector<std::string_view> split(std::string_view text, char mark)
{
    std::vector<std::string_view> pieces;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find(mark, begin), text.size());
        pieces.push_back(trimmed(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return pieces;
}

/// What the line "KEY = VALUE" says; empty where there is none.
std::string_view value_of(std::string_view text, std::string_view key)
{
    for (const auto line : split(text, '\n'))
        if (const auto equals = line.find('='); equals != std::string_view::npos)
            if (trimmed(line.substr(0, equals)) == key)
                return trimmed(line.substr(equals + 1));
    return {};
}

PlaceError unusable(const std::filesystem::path& path, const std::string& reason)
{
    return PlaceError(path.string() + " cannot be used (" + reason +
                      "): move it away and run first-boot, which writes a new one from paravent.txt");
}

/// Nothing where there is no such file.
std::optional<std::string> text_at(const std::filesystem::path& path)
{
    auto content = files::read_file(path, largest);
    if (content)
        return std::move(content->text);
    if (content.error() == boost::system::errc::no_such_file_or_directory)
        return {};
    throw unusable(path, content.error().message());
}

} // namespace

bool is_place_mode(std::string_view text) noexcept
{
    return std::ranges::find(place_modes, text) != place_modes.end();
}

bool offers_place(const std::filesystem::path& state_directory)
{
    std::error_code ignored;
    return std::filesystem::exists(state_directory / "place", ignored);
}

std::optional<PlaceChoice> read_place(const std::filesystem::path& state_directory)
{
    const auto path = state_directory / "place";
    const auto text = text_at(path);
    if (!text)
        return {};
    PlaceChoice choice{std::string(value_of(*text, "mode")), {}};
    if (!is_place_mode(choice.mode))
        throw unusable(path, "its mode is none of proxy, dns, gateway");
    if (const auto servers = value_of(*text, "servers"); !servers.empty())
        for (const auto one : split(servers, ',')) {
            auto address = config::parse_address(one);
            if (!address || choice.servers.size() == most_place_servers)
                throw unusable(path, "its servers are not up to four IP addresses");
            choice.servers.push_back(std::move(*address));
        }
    return choice;
}

std::optional<PlaceOutcome> read_place_outcome(const std::filesystem::path& state_directory)
{
    const auto path = state_directory / "place.done";
    const auto text = text_at(path);
    if (!text)
        return {};
    PlaceOutcome outcome{std::string(value_of(*text, "mode")), std::string(value_of(*text, "said"))};
    if ((!outcome.mode.empty() && !is_place_mode(outcome.mode)) || outcome.said.empty())
        throw unusable(path, "it is not in order");
    return outcome;
}

void write_place(const std::filesystem::path& state_directory, const PlaceChoice& choice)
{
    std::string text = "mode = " + choice.mode + "\n";
    for (const auto& server : choice.servers)
        text += (&server == &choice.servers.front() ? "servers = " : ", ") + server;
    if (!choice.servers.empty())
        text += "\n";
    // First, for what comes of this choice may be written the moment after it.
    std::error_code error;
    std::filesystem::remove(state_directory / "place.done", error);
    const auto path = state_directory / "place";
    if (const auto failed = files::write_whole(path, text))
        throw PlaceError(path.string() + " cannot be written: " + failed.message());
}

} // namespace paravent::dashboard
