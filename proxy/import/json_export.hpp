#pragma once

#include "proxy/import/problem.hpp"
#include "proxy/import/summing.hpp"

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace paravent::imports {

/// Meta's export as JSON, read piece by piece, in both of its shapes: an object with the businesses under a key of its
/// own (to 2025; Instagram's is another), or a list of them with labels in the language of the account (2026). Other
/// files of Meta's have such labels with times, too: only what has an id of digits beside it is an event.
/// Unknown keys are passed over, so what Meta adds does no harm.
class JsonExport {
public:
    explicit JsonExport(Summing& summing);
    ~JsonExport();
    JsonExport(JsonExport&&) noexcept;
    JsonExport& operator=(JsonExport&&) noexcept;

    Problem read(std::string_view piece);
    /// After the last piece.
    Problem end();

    /// Whether it is an export of such activity at all, even one without a single event.
    bool found() const noexcept;
    /// A list without anything in it: only the file's name can tell what it is.
    bool empty_list() const noexcept;
    /// Events with labels that have an id and no time as it should be; whether some have one written otherwise.
    std::uint64_t undated() const noexcept;
    bool has_other_times() const noexcept;
    /// Whether the key is Instagram's.
    bool is_instagram() const noexcept;

private:
    Problem problem(const boost::system::error_code& error) const;
    class Reader;
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

} // namespace paravent::imports
