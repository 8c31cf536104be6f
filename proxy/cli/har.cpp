#include "proxy/cli/har.hpp"

#include "proxy/cli/place.hpp"
#include "proxy/dashboard/har.hpp"
#include "proxy/dashboard/text.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <zlib.h>

namespace paravent::cli {
namespace {

void read(gzFile in, dashboard::HarReader& reader, const std::string& name)
{
    std::array<char, 64 * 1024> piece{};
    for (bool last = false; !last;) {
        const int size = ::gzread(in, piece.data(), static_cast<unsigned>(piece.size()));
        int state = Z_OK;
        const char* message = ::gzerror(in, &state);
        if (size < 0 || (state != Z_OK && state != Z_STREAM_END))
            throw Failure(wrong_usage,
                          name + ": " + (state == Z_BUF_ERROR ? "ends in the middle of its gzip data" : message));
        last = size == 0;
        try {
            reader.feed({piece.data(), static_cast<std::size_t>(size)}, last);
        } catch (const dashboard::HarError& error) {
            throw Failure(wrong_usage, name + ":" + std::to_string(error.line) + ": " + error.what());
        }
    }
}

} // namespace

void read_har(const std::filesystem::path& file, const std::function<void(const dashboard::RecordedRequest&)>& each)
{
    const auto name = dashboard::inert(file.string());
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        throw Failure(wrong_usage, name + ": is a folder");
    // gzread takes a file without gzip's first bytes as it is.
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(::gzopen(file.c_str(), "rb"), ::gzclose);
    if (!in)
        throw Failure(wrong_usage, name + ": " + std::strerror(errno));
    dashboard::HarReader reader(each);
    read(in.get(), reader, name);
}

} // namespace paravent::cli
