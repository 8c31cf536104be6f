#include "proxy/cli/list_file.hpp"

#include "proxy/cli/place.hpp"
#include "proxy/dashboard/text.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <zlib.h>

namespace paravent::cli {

std::string read_list(const std::filesystem::path& file)
{
    const auto fail = [&](const std::string& reason) {
        throw Failure(wrong_usage, dashboard::inert(file.string()) + ": " + reason);
    };
    std::error_code error;
    if (std::filesystem::is_directory(file, error))
        fail("is a folder");
    // gzread takes a file without gzip's first bytes as it is.
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> in(::gzopen(file.c_str(), "rb"), ::gzclose);
    if (!in)
        fail(std::strerror(errno));
    ::gzbuffer(in.get(), 128 * 1024);
    std::string text;
    std::array<char, 64 * 1024> piece{};
    for (;;) {
        const int size = ::gzread(in.get(), piece.data(), static_cast<unsigned>(piece.size()));
        int state = Z_OK;
        const char* message = ::gzerror(in.get(), &state);
        if (size < 0 || (state != Z_OK && state != Z_STREAM_END))
            fail(state == Z_BUF_ERROR ? "ends in the middle of its gzip data" : message);
        if (size == 0)
            return text;
        text.append(piece.data(), static_cast<std::size_t>(size));
        if (text.size() > max_list_bytes)
            fail("is larger than any list (256 MiB)");
    }
}

} // namespace paravent::cli
