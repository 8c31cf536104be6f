#pragma once

#include "proxy/dashboard/parts.hpp"

#include <vector>

namespace paravent::dashboard {

/// The lists with the requests that their rules decided since the database began.
std::vector<ListRow> lists_with_hits(const Parts& parts);

} // namespace paravent::dashboard
