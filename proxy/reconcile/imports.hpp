#pragma once

#include "proxy/activity/export.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::reconcile {

/// What is kept of one export of Meta: who it is of, and its sums.
struct Import {
    std::string id;           ///< "i3"
    std::string person;       ///< the owner's word; empty: the home's
    std::int64_t time_ms = 0; ///< when it was imported
    std::string source;
    std::uint64_t companies = 0, events = 0, skipped = 0;
    std::int64_t first_s = 0, last_s = 0; ///< both 0 where there are no events
    bool zoned = true;
    std::vector<std::string> parts; ///< SHA-256 of each file
    /// What was not let through here of the last days of the list (reconcile.hpp), as it was known then: a month later
    /// nothing of it is kept any more.
    std::optional<std::uint64_t> elsewhere_lately;
};
/// Asked for that when an import is kept.
using Measure = std::function<std::optional<std::uint64_t>(const activity::MetaExport&)>;

/// It cannot be kept, or not be read: a sentence in what().
class ImportError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The disk is at fault: full, or not to be written.
class NotWritten : public ImportError {
public:
    using ImportError::ImportError;
};

/// The imports of all people: STATE/imports/ID.jsonl (0600), a line about the import and one for each company and
/// account. Calls may come from any thread.
class Imports {
public:
    static constexpr std::size_t most_of_a_person = 12; ///< then the oldest goes
    static constexpr std::size_t most = 100;

    explicit Imports(const std::filesystem::path& state_directory) : folder_(state_directory / "imports") {}

    /// Newest first. A file that cannot be read is left out.
    std::vector<Import> all() const;
    std::optional<Import> find(std::string_view id) const;
    /// @throws ImportError where there is none, or its file is not in order
    activity::MetaExport read(std::string_view id) const;

    /// @throws ImportError; nothing is changed then
    Import add(const std::string& person, const activity::MetaExport& content, std::int64_t now_ms,
               const Measure& measure = {});
    /// A further file of the same export. @throws ImportError
    Import add_part(std::string_view id, activity::MetaExport&& part, const Measure& measure = {});
    /// False where there is none. @throws ImportError
    bool remove(std::string_view id);
    void clear();

    /// A file's text as a backup keeps it, at most `largest_text`; and all of them back, or none is replaced.
    /// @throws ImportError
    std::string text(std::string_view id) const;
    static constexpr std::size_t largest_text = 16 * 1024 * 1024;
    void restore(const std::map<std::string, std::string>& texts);
    /// Whether such a text is one of ours. @throws ImportError with a sentence where not
    static void check(std::string_view id, std::string_view text);

private:
    std::vector<Import> list() const;
    std::filesystem::path file_of(std::string_view id) const;
    void write(const Import& import, const activity::MetaExport& content) const;
    activity::MetaExport load(std::string_view id) const;

    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
};

} // namespace paravent::reconcile
