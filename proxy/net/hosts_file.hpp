#pragma once

#include "proxy/net/address.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace paravent::net {

using Addresses = std::vector<Address>;

/// Why none of its names would be known: a sentence; empty where it can be read.
std::string why_unreadable(const std::filesystem::path& hosts);

/// A file in hosts syntax, read again when it changes. Not for several threads at once.
class HostsFile {
public:
    /// A missing file has no names; it may appear later.
    explicit HostsFile(std::filesystem::path file);
    /// The addresses of a name in normal form, or null. Looks at most once a second whether the file has changed.
    const Addresses* find(const std::string& name);

private:
    void refresh();

    std::filesystem::path file_;
    std::int64_t looked_at_ = 0;
    std::uint64_t version_ = 0; ///< of the file: its time, size and inode folded together
    std::unordered_map<std::string, Addresses> names_;
};

} // namespace paravent::net
