#pragma once

#include "proxy/run_service.hpp"

namespace paravent::cli {

/// Reads the command line and does what it says. Returns the exit status: 0 done, 1 failed, 2 wrong usage.
int run_command_line(int argc, char** argv, int (*run_service)(const RunOptions&));

} // namespace paravent::cli
