#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace paravent::activity {

/// A request is not read further than this, whatever it holds.
inline constexpr std::size_t max_fields = 512;
inline constexpr std::size_t max_field_bytes = 64 * 1024;

/// The parts of a URL that decoders need. Views into the URL.
struct UrlParts {
    std::string_view scheme, host, path, query; ///< host as written, without userinfo and port; path from its "/"
};
/// Never fails: what is missing is empty. The fragment and a userinfo are left out.
UrlParts parts_of(std::string_view url) noexcept;

/// Fields of a query or an urlencoded body: "+" and %XX decoded, in their order. "cd[value]" and "cd%5Bvalue%5D" are
/// the same name.
class Fields {
public:
    explicit Fields(std::string_view urlencoded);

    /// The first field of that name; empty where there is none.
    std::string_view operator[](std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept;

    using Field = std::pair<std::string, std::string>;
    const std::vector<Field>& all() const noexcept { return fields_; }

    /// "value" for the name "cd[value]" and the group "cd"; empty for other names.
    static std::string_view key_in(std::string_view group, std::string_view name) noexcept;

private:
    std::vector<Field> fields_;
};

} // namespace paravent::activity
