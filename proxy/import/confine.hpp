#pragma once

#include <string>

namespace paravent::imports {

/// Gives up all but reading from standard input and writing to standard output (helper/confine.hpp): no file can be
/// opened, no socket made. Returns why it could not be done, else empty.
std::string confine();

} // namespace paravent::imports
