#pragma once

#include "proxy/import/entry.hpp"
#include "proxy/import/html_export.hpp"
#include "proxy/import/json_export.hpp"
#include "proxy/import/problem.hpp"
#include "proxy/import/summing.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::imports {

/// The files of an export, one after the other, and what they come to together.
///
/// Of HTML only pages that an index links to count, since others repeat them. The index may come after its pages, and
/// nothing is read twice: so each page is added up by itself, and what no link leads to goes at the end. That is kept
/// in the bound for all sums. An index may also lie in another part of the export; then pages that repeat others go.
class Collection {
public:
    void none_after(std::int64_t seconds) noexcept { summing_.none_after(seconds); }
    /// A file of that name begins. A file that was dropped by itself has no name.
    Problem begin(std::string_view path, Entry kind);
    Problem read(std::string_view piece);
    Problem end();
    /// After the last file. `what` was read, as a sentence begins with it.
    Problem finish(std::string_view what);

    const Summing& sums() const noexcept { return summing_; }
    std::string_view source() const noexcept;
    bool zoned() const noexcept { return zoned_; }
    /// What was wrong is only that there was nothing of Meta's list: another part of the export may have it.
    bool holds_nothing() const noexcept { return nothing_; }
    std::size_t files() const noexcept { return files_; }

private:
    Problem end_page();
    Problem end_json();

    Summing summing_;
    std::optional<JsonExport> json_; ///< one of them while a file is being read
    std::optional<HtmlExport> html_;
    std::vector<std::uint64_t> links_;        ///< of all indexes
    std::vector<std::uint64_t> spare_;        ///< pages that no index links
    std::uint64_t page_ = 0;                  ///< the file that is being read, where it is such a page
    bool named_ = false, instagrams_ = false; ///< of the file that is being read
    bool found_ = false, has_index_ = false, zoned_ = true, facebook_ = false, instagram_ = false;
    bool nothing_ = false;
    bool undated_ = false; ///< some JSON has events, but no times that are read
    std::uint64_t unread_times_ = 0;
    std::size_t files_ = 0;
    std::uint64_t bytes_ = 0, read_ = 0; ///< of the file that is being read; of all
};

} // namespace paravent::imports
