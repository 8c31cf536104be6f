#pragma once

#include <string_view>

namespace paravent::wire::http1 {

/// Whether a trailer field of this name may be forwarded as one. RFC 9110, section 6.5.1: whoever merges it into the
/// head must not learn anything on framing, routing, authentication, conditions or content from it.
bool may_be_trailer(std::string_view name) noexcept;

} // namespace paravent::wire::http1
