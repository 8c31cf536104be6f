#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// "Was that mine?": whether what was told to Meta was the owner's own e-mail address or phone number.
namespace paravent::activity {

/// The kinds that an owner may give: e-mail addresses and phone numbers.
enum class Own : std::uint8_t { em, ph };
inline constexpr std::size_t own_count = 2;
std::string_view name_of(Own kind) noexcept;                         ///< "em", "ph"
std::optional<Own> own_named(std::string_view name) noexcept;        ///< the same words back, no others
std::string_view words_for(Own kind, bool several = false) noexcept; ///< "e-mail address", for people

/// Meta's normal form (meta-reference.md section 2) of a value as a person writes it.
struct NormalForm {
    std::string text;
    std::string fault; ///< why there is none: a sentence that does not repeat the value
};
NormalForm normal_form(Own kind, std::string_view written);

/// The owner's values, each kept as a mark alone: the HMAC-SHA-256, by a key of this install, of the SHA-256 of Meta's
/// normal form. Without the key a mark tells nothing, and is not what anybody else's list of hashes has.
class Mine {
public:
    using Bytes = std::array<std::uint8_t, 32>;
    static constexpr std::size_t most = 32; ///< values of a kind

    explicit Mine(const Bytes& key) noexcept : key_(key) {}

    /// The mark of a value in normal form.
    Bytes mark_of(std::string_view normal) const;
    /// Does nothing, and says false, where it is there or `most` are.
    bool add(Own kind, const Bytes& mark);
    bool remove(Own kind, const Bytes& mark); ///< false where it was not there
    void remove(Own kind) noexcept { marks_[index(kind)].clear(); }
    bool has(Own kind, const Bytes& mark) const noexcept;

    const Bytes& key() const noexcept { return key_; }
    const std::vector<Bytes>& marks(Own kind) const noexcept { return marks_[index(kind)]; }
    bool empty() const noexcept { return marks_[0].empty() && marks_[1].empty(); }

    /// Whether there is anything to compare with what is sent under this name; cheap.
    bool asks_about(std::string_view name) const noexcept;
    /// The owner's kind that a value sent under this name is one of; nothing where it is none. `sent`: a SHA-256 in
    /// hex, or what a site forgot to hash, in whatever form.
    std::optional<Own> matches(std::string_view name, std::string_view sent) const;

private:
    static std::size_t index(Own kind) noexcept { return static_cast<std::size_t>(kind); }
    Bytes keyed(const Bytes& hash) const;

    Bytes key_;
    std::array<std::vector<Bytes>, own_count> marks_;
};

} // namespace paravent::activity
