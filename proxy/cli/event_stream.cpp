#include "proxy/cli/event_stream.hpp"

#include "proxy/cli/place.hpp"

#include <utility>

namespace paravent::cli {
namespace {

constexpr std::size_t max_event_bytes = 1024 * 1024;

std::string_view value_of(std::string_view line, std::string_view field)
{
    line.remove_prefix(field.size());
    if (line.starts_with(' '))
        line.remove_prefix(1);
    return line;
}

} // namespace

bool EventStream::read(std::string_view bytes, const std::function<bool(std::string_view, std::string_view)>& on_event)
{
    for (const char c : bytes) {
        if (c != '\n') {
            line_ += c;
            if (line_.size() + data_.size() > max_event_bytes)
                throw Failure(failed, "the service sent an event without end");
            continue;
        }
        const auto line = std::exchange(line_, {});
        if (line.empty()) {
            const auto name = std::exchange(name_, {});
            const auto data = std::exchange(data_, {});
            if (!data.empty() && !on_event(name, data))
                return false;
        } else if (line.starts_with("event:")) {
            name_ = value_of(line, "event:");
        } else if (line.starts_with("data:")) {
            data_ += (data_.empty() ? "" : "\n") + std::string(value_of(line, "data:"));
        }
    }
    return true;
}

} // namespace paravent::cli
