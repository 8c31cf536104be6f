#pragma once

#include "proxy/cli/place.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace paravent::cli {

/// An authority as it is shown.
struct ShownAuthority {
    std::string name, fingerprint;
    std::int64_t created_ms = 0, not_after_ms = 0;
    std::vector<std::string> names, domains; ///< the box's own, Meta's
    std::string notice;                      ///< that it expires soon; else empty
    std::string certificate;                 ///< the root's, PEM
};

/// A new file for the root's key, which belongs to who gave the command.
struct RootFile {
    std::filesystem::path file; ///< empty: nobody wants it
    std::string passphrase;
};

/// The home's authorities, wherever they are changed.
class Authorities {
public:
    virtual ~Authorities() = default;

    struct All {
        std::vector<ShownAuthority> authorities; ///< newest first
        std::vector<std::string> problems;       ///< a sentence for each file that is not in order
    };
    virtual All all() = 0;
    /// The first, or a second one. Without the root's key in its file there is none either.
    virtual ShownAuthority make(bool second, const RootFile& root) = 0;
    /// Removes all, or the one whose fingerprint begins so; the names of those that went, at least one.
    virtual std::vector<std::string> remove(const std::string& fingerprint) = 0;
};

/// By the running service, where it can be asked with the token of this state directory; else in the state directory
/// itself, with its owner's rights. All of it throws Failure or tls::AuthorityError.
std::unique_ptr<Authorities> authorities_of(const Place& place);
std::unique_ptr<Authorities> authorities_on_disk(const Place& place);

} // namespace paravent::cli
