#pragma once

namespace paravent::files {

/// The files of the state directory have one writer. Where another process takes them over, this one gives up writing:
/// a write under way is waited for, and from then on `write_whole` writes nothing (errc::operation_canceled).
void give_up_writing() noexcept;
void take_up_writing() noexcept; ///< the other process has gone

} // namespace paravent::files
