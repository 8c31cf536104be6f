#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::cli {

/// Text in aligned columns. Everything put in is made inert: it may come from any web page.
class Table {
public:
    explicit Table(std::vector<std::string> titles);
    void add(std::vector<std::string> row);
    bool empty() const noexcept { return rows_.size() == 1; }
    void print(std::ostream& out) const;

private:
    std::vector<std::vector<std::string>> rows_; ///< the titles first
};

/// "2026-11-24 10:12:44" in the user's time zone; "" for 0.
std::string local_time(std::int64_t unix_ms);
/// The same of an RFC 3339 text; a text that is none stays as it is.
std::string local_time(std::string_view rfc3339);

} // namespace paravent::cli
