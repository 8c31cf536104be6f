#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace paravent::rules {

/// A URL taken apart as far as a Request needs it, for callers that have no parser of their own. Lenient, as recordings
/// are: whatever stands in path and query stays. Nothing is allocated for what a browser sends (no userinfo, host in
/// normal form).
class ParsedUrl {
public:
    /// Views `url`, which must outlive this.
    explicit ParsedUrl(std::string_view url);
    ParsedUrl(const ParsedUrl&) = delete;
    ParsedUrl& operator=(const ParsedUrl&) = delete;

    /// Without userinfo and fragment.
    std::string_view text() const noexcept { return text_; }
    /// In normal form (rules/domains.hpp); empty where there is none (`data:`, `about:blank`, a host that is no host).
    std::string_view host() const noexcept { return host_; }

private:
    void take_apart(std::size_t begin);

    std::string_view text_;
    std::string_view host_;
    std::string rewritten_; ///< the text, where userinfo was cut out of it
    std::string normal_;    ///< the host, where it was not in normal form
};

/// Where what stands behind "://" begins; 0 where there is no such thing.
std::size_t behind_scheme(std::string_view url) noexcept;

} // namespace paravent::rules
