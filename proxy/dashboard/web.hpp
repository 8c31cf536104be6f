#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace paravent::dashboard {

/// A file of the pages, packed by gzip when the program was built.
struct WebFile {
    std::string_view name; ///< "index.html", "assets/index-3f2a.js"
    std::string_view type; ///< Content-Type
    std::string_view etag; ///< with its quotes
    std::string_view gzip;
};
/// Made by web/embed.cmake; empty where the program was built without its pages.
std::span<const WebFile> web_files() noexcept;

} // namespace paravent::dashboard
