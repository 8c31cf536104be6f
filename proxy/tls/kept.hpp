#pragma once

#include "proxy/files/file.hpp"

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace paravent::tls {

/// A memory (TrustMemory, BypassMemory) with its file in the state directory. What the file lost, devices prove and
/// apps refuse again, so one that is not in order is written over with the next change.
template <class Memory>
class Kept {
public:
    explicit Kept(std::filesystem::path file) : memory(text_of(file)), file_(std::move(file)) {}

    /// Writes what changed, if anything did. For one thread, now and then and at the end.
    boost::system::error_code save()
    {
        const auto version = memory.version();
        if (version == saved_)
            return {};
        const auto error = files::write_whole(file_, memory.text());
        if (!error)
            saved_ = version;
        return error;
    }

    Memory memory;

private:
    static constexpr std::size_t largest = std::size_t{4} << 20;

    static std::string text_of(const std::filesystem::path& file)
    {
        auto text = files::read_file(file, largest);
        return text ? std::move(text->text) : std::string{};
    }

    std::filesystem::path file_;
    std::uint64_t saved_ = 0;
};

} // namespace paravent::tls
