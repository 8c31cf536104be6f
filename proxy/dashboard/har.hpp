#pragma once

#include "proxy/dashboard/recorded.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace paravent::dashboard {

/// What is wrong with a HAR, as a sentence's end ("is no JSON here"), and in which line.
struct HarError : std::runtime_error {
    HarError(std::uint64_t its_line, const std::string& reason) : std::runtime_error(reason), line(its_line) {}
    std::uint64_t line;
};

/// Reads a HAR 1.2 text as browsers' developer tools save it, entry by entry: replies, which make up most of such a
/// file, are passed over, and what is kept does not grow with it. No I/O: it is fed piece by piece.
class HarReader {
public:
    explicit HarReader(std::function<void(const RecordedRequest&)> each);
    ~HarReader();
    HarReader(const HarReader&) = delete;
    HarReader& operator=(const HarReader&) = delete;

    /// The last piece may be empty. @throws HarError
    void feed(std::string_view piece, bool last);

private:
    class State;
    std::unique_ptr<State> state_;
};

} // namespace paravent::dashboard
