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

/// Of a form in a body so much is decoded: the custom_events of an app that was long without a network.
inline constexpr std::size_t max_form_bytes = 2 * 1024 * 1024;

/// The parts of a URL that decoders need. Views into the URL.
struct UrlParts {
    std::string_view scheme, host, path, query; ///< host as written, without userinfo and port; path from its "/"
};
/// Never fails: what is missing is empty. The fragment and a userinfo are left out.
UrlParts parts_of(std::string_view url) noexcept;

/// "+" and %XX decoded.
std::string form_decoded(std::string_view text);
/// All but letters, digits and -._~ as %XX: for a value in a query or form.
std::string percent_encoded(std::string_view text);

/// Fields of a query and a body in their order. "cd[value]" and "cd%5Bvalue%5D" are the same name.
class Fields {
public:
    Fields() = default;
    /// Those of a query.
    explicit Fields(std::string_view urlencoded) { add_urlencoded(urlencoded, max_field_bytes); }

    /// Those of an urlencoded text that are in its first `at_most` bytes. Of a text that was `cut`, the last field
    /// counts only where it is JSON, which tells by itself what is whole.
    void add_urlencoded(std::string_view text, std::size_t at_most, bool cut = false);
    /// Where there are `max_fields` already, it is cut instead.
    void add(std::string name, std::string value);

    /// Whether there was more than is read.
    bool cut() const noexcept { return cut_; }
    void mark_cut() noexcept { cut_ = true; }

    /// The first field of that name that says something (a field may stand in the query empty and filled in the body);
    /// empty where there is none.
    std::string_view operator[](std::string_view name) const noexcept;

    using Field = std::pair<std::string, std::string>;
    const std::vector<Field>& all() const noexcept { return fields_; }

    /// "value" for the name "cd[value]" and the group "cd"; empty for other names.
    static std::string_view key_in(std::string_view group, std::string_view name) noexcept;

private:
    std::vector<Field> fields_;
    bool cut_ = false;
};

} // namespace paravent::activity
