#pragma once

#include "rules/filter.hpp"
#include "rules/request.hpp"

#include <optional>
#include <string_view>

namespace paravent::rules {

/// What the options of filters ask of a request, worked out once a request (parties when first asked for).
class Circumstances {
public:
    explicit Circumstances(const Request& request) noexcept;

    TypeMask type() const noexcept { return type_; }
    MethodMask method() const noexcept { return mask_of_method(method_); }
    std::string_view host() const noexcept { return host_; }
    std::string_view page_host() const noexcept { return page_host_; }
    /// An unknown page is neither the same site nor another.
    bool meets(Party party) const noexcept;

private:
    TypeMask type_;
    std::string_view method_;
    std::string_view host_;
    std::string_view page_host_;
    mutable std::optional<bool> same_site_;
};

/// Whether a list of names (domain=, to=) admits `host`: one of the names does and none with ~ excludes it; names with
/// ~ alone admit all others. A name ending in .* stands for any public suffix. An unknown host is admitted by no name.
bool admits(std::string_view names, std::string_view host) noexcept;

/// Whether type, method, party and the lists of names hold.
bool conditions_hold(const Filter& filter, const Circumstances& now) noexcept;

} // namespace paravent::rules
