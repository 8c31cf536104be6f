#pragma once

#include "rules/parsed_url.hpp"
#include "rules/request.hpp"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

/// Real lists and requests for tests and benchmarks: $PARAVENT_DATA, else ../shared/rules-data beside the source.
namespace rules_data {

inline std::filesystem::path folder()
{
    if (const char* set = std::getenv("PARAVENT_DATA"))
        return set;
    return std::filesystem::path{PARAVENT_SOURCE} / "../shared/rules-data";
}

inline bool present()
{
    return std::filesystem::exists(folder() / "requests-28k.jsonl.gz");
}

/// The whole text of a file, unpacked where its name ends in .gz.
inline std::string read(const std::string& name)
{
    const std::string file = (folder() / name).string();
    const std::string command = (name.ends_with(".gz") ? "gzip -dc '" : "cat '") + file + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
    std::string text;
    char buffer[65536];
    while (pipe) {
        const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe.get());
        if (n == 0)
            break;
        text.append(buffer, n);
    }
    return text;
}

/// The string value of `"key":"…"` in one JSON line; escapes beyond \uXXXX in ASCII are taken as they stand.
inline std::string field(std::string_view line, std::string_view key)
{
    const std::string start = '"' + std::string{key} + "\":\"";
    std::size_t at = line.find(start);
    std::string value;
    if (at == std::string_view::npos)
        return value;
    for (at += start.size(); at < line.size() && line[at] != '"'; ++at) {
        if (line[at] != '\\' || at + 1 >= line.size()) {
            value += line[at];
        } else if (line[++at] == 'u' && at + 4 < line.size()) {
            value += static_cast<char>(std::stoi(std::string{line.substr(at + 1, 4)}, nullptr, 16));
            at += 4;
        } else {
            value += line[at];
        }
    }
    return value;
}

inline paravent::rules::Type type_of(std::string_view cpt)
{
    // A frame's request repeats its own address as the page.
    return cpt == "document" ? paravent::rules::Type::subdocument : paravent::rules::type_named(cpt);
}

/// One recorded request, with everything that its views need.
struct Recorded {
    std::string url;
    std::string host;
    std::string page_host;
    paravent::rules::Type type = paravent::rules::Type::other;

    paravent::rules::Request request(const paravent::rules::Rulings& rulings) const
    {
        return {.url = url,
                .host = host,
                .page_host = page_host,
                .type = type,
                .method = "GET",
                .host_only = false,
                .intercepted = false,
                .rulings = &rulings};
    }
};

inline std::deque<Recorded> requests()
{
    std::deque<Recorded> all;
    const std::string text = read("requests-28k.jsonl.gz");
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        Recorded r;
        const std::string url = field(line, "url");
        const std::string page = field(line, "frameUrl");
        const paravent::rules::ParsedUrl parsed(url);
        r.url = parsed.text();
        r.host = parsed.host();
        r.page_host = paravent::rules::ParsedUrl(page).host();
        r.type = type_of(field(line, "cpt"));
        all.push_back(std::move(r));
    }
    return all;
}

} // namespace rules_data
