#pragma once

#include "proxy/import/problem.hpp"
#include "proxy/import/summing.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::imports {

/// A page of Meta's export as HTML, read piece by piece: the index, which links to a page for each business, or such a
/// page, on which `h2` is the business's name and each event a table with rows for its id, its name and when it was
/// received. The labels are in the account's language, so the values are told apart by what they look like.
class HtmlExport {
public:
    /// `path`: where the page stands in its archive; empty for one that was dropped by itself.
    HtmlExport(Summing& summing, std::string path);
    ~HtmlExport();
    HtmlExport(HtmlExport&&) noexcept;
    HtmlExport& operator=(HtmlExport&&) noexcept;

    Problem read(std::string_view piece);
    /// After the last piece.
    Problem end();

    bool has_events() const noexcept;
    std::uint64_t unread_times() const noexcept; ///< events whose time was not understood
    std::uint64_t without_time() const noexcept; ///< what has an id and nothing that looks like a time
    /// Whether each time came with its zone.
    bool zoned() const noexcept;
    /// The pages that it links to; an index has such, and no events.
    const std::vector<std::uint64_t>& links() const noexcept;

private:
    class Page;
    std::unique_ptr<Page> page_;
};

} // namespace paravent::imports
