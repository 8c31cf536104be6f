#pragma once

#include "proxy/import/collection.hpp"
#include "proxy/import/input.hpp"

namespace paravent::imports {

/// Reads a zip as it comes, without ever going back, and hands the entries that count to `collection`. Nothing is
/// written anywhere. Not read at all are links and names that lead out of the archive.
Problem read_zip(Input& input, Collection& collection);

} // namespace paravent::imports
