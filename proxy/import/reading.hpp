#pragma once

#include "proxy/import/collection.hpp"
#include "proxy/import/input.hpp"

namespace paravent::imports {

/// All that comes: a zip, or a file out of one.
Problem read_export(Input& input, Collection& collection);

} // namespace paravent::imports
