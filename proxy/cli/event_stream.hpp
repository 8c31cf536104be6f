#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace paravent::cli {

/// Reads server-sent events (WHATWG HTML, section 9.2.6) from pieces of bytes of any size.
class EventStream {
public:
    /// Calls `on_event` (name, data) for each event that is whole; false as soon as it says so. Names are empty unless
    /// set.
    bool read(std::string_view bytes, const std::function<bool(std::string_view, std::string_view)>& on_event);

private:
    std::string line_, name_, data_;
};

} // namespace paravent::cli
