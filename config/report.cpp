#include "config/report.hpp"

#include "config/settings.hpp"

#include <algorithm>
#include <tuple>

namespace paravent::config {

namespace {

constexpr std::size_t longest_shown = 80;
constexpr std::size_t most_faults = 1'000;

/// Words further apart than this have nothing to do with each other.
std::size_t near(std::string_view word)
{
    return word.size() < 5 ? 1 : 2 + word.size() / 8;
}

std::string in_section(const std::string& section)
{
    if (section.empty())
        return "no section, but the top of the file";
    return section == "device" || section == "list" ? "[[" + section + "]]" : "[" + section + "]";
}

} // namespace

std::string in_quotes(std::string_view text)
{
    std::size_t end = std::min(text.size(), longest_shown);
    // Never end within a character of UTF-8.
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;

    std::string out = "\"";
    const auto escape = [&out](unsigned char byte) {
        constexpr std::string_view hex = "0123456789abcdef";
        out += "\\x";
        out += hex[byte >> 4];
        out += hex[byte & 15];
    };
    for (std::size_t i = 0; i < end; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < end ? text[i + 1] : '\0');
        // C1 controls are two bytes in UTF-8, and terminals obey some of them.
        if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
            escape(byte);
            escape(next);
            ++i;
        } else if (byte < 0x20 || byte == 0x7f) {
            escape(byte);
        } else {
            out += text[i];
        }
    }
    return out + (end < text.size() ? "…\"" : "\"");
}

std::size_t distance(std::string_view a, std::string_view b)
{
    // Optimal string alignment; three rows of the table are enough. Keys are short, so cut what a file may bring.
    a = a.substr(0, 64);
    b = b.substr(0, 64);
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(above);
        above.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row[b.size()];
}

void Report::add(Place place, const std::string& key, std::string sentence)
{
    faults_.push_back({place, faults_.size(), key, std::move(sentence)});
}

void Report::know(const std::string& section, std::string_view key)
{
    known_.emplace(section, key);
}

void Report::unknown(Place place, const std::string& section, std::string_view key)
{
    unknowns_.push_back({place, section, std::string(key)});
}

std::string Report::hint(const Unknown& unknown) const
{
    std::string elsewhere;
    std::string here;
    std::string nearest;
    std::size_t best = near(unknown.key) + 1;
    for (const auto& [section, key] : known_) {
        if (key == unknown.key)
            elsewhere += (elsewhere.empty() ? "" : " or ") + in_section(section);
        if (section != unknown.section)
            continue;
        here += (here.empty() ? "" : ", ") + key;
        if (const auto steps = distance(unknown.key, key); steps < best)
            best = steps, nearest = key;
    }
    if (!elsewhere.empty())
        return "; it belongs in " + elsewhere;
    return nearest.empty() ? "; known here: " + here : "; did you mean " + nearest + "?";
}

void Report::finish()
{
    for (const auto& unknown : unknowns_) {
        const std::string shown = in_quotes(unknown.key);
        const std::string name = shown.substr(1, shown.size() - 2);
        add(unknown.place, unknown.section.empty() ? name : unknown.section + '.' + name,
            std::string(unknown.section.empty() ? "no such section or key" : "no such key") + hint(unknown));
    }
    unknowns_.clear();
    if (faults_.empty())
        return;
    std::ranges::sort(faults_, {},
                      [](const Fault& fault) { return std::tuple(fault.place.line, fault.place.column, fault.order); });
    const std::size_t more = faults_.size() - std::min(faults_.size(), most_faults);
    faults_.resize(faults_.size() - more);
    std::string text;
    for (const auto& fault : faults_) {
        text += text.empty() ? "" : "\n";
        text += name_ + ':' + std::to_string(fault.place.line) + ':' + std::to_string(fault.place.column) + ": ";
        text += fault.key.empty() ? fault.sentence : fault.key + ": " + fault.sentence;
    }
    if (more != 0)
        text += "\n" + name_ + ": and " + std::to_string(more) + " more";
    throw SettingsError(text);
}

} // namespace paravent::config
