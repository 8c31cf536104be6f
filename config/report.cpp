#include "config/report.hpp"

#include "config/settings.hpp"

#include <algorithm>
#include <tuple>

namespace paravent::config {

namespace {

constexpr std::size_t longest_shown = 80;

/// Words further apart than this have nothing to do with each other.
std::size_t near(std::string_view word)
{
    return word.size() < 5 ? 1 : 2 + word.size() / 8;
}

std::string in_section(const std::string& section)
{
    if (section.empty())
        return "paravent.toml";
    return section == "device" || section == "list" ? "[[" + section + "]]" : "[" + section + "]";
}

} // namespace

std::string in_quotes(std::string_view text)
{
    std::string out = "\"";
    std::size_t shown = 0;
    for (; shown < text.size() && shown < longest_shown; ++shown) {
        const auto byte = static_cast<unsigned char>(text[shown]);
        // C1 controls are two bytes in UTF-8, and terminals obey some of them.
        const bool c1 = byte == 0xc2 && shown + 1 < text.size() && static_cast<unsigned char>(text[shown + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f || c1) {
            constexpr std::string_view hex = "0123456789abcdef";
            out += "\\x";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            out += text[shown];
        }
    }
    // Never end within a character of UTF-8.
    if (shown < text.size()) {
        while (!out.empty() && (static_cast<unsigned char>(text[shown]) & 0xc0) == 0x80 && shown > 0) {
            out.pop_back();
            --shown;
        }
        out += "…";
    }
    return out + '"';
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
    faults_.push_back({place, key, std::move(sentence)});
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
    const std::pair<std::string, std::string>* nearest = nullptr;
    std::size_t best = near(unknown.key) + 1;
    std::string here;
    for (const auto& known : known_) {
        if (known.first != unknown.section)
            continue;
        here += (here.empty() ? "" : ", ") + known.second;
        if (const auto steps = distance(unknown.key, known.second); steps < best)
            best = steps, nearest = &known;
    }
    if (nearest != nullptr)
        return "; did you mean " + nearest->second + "?";
    for (const auto& [section, key] : known_)
        if (key == unknown.key)
            return "; it belongs in " + in_section(section);
    return "; known here: " + here;
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
    std::ranges::stable_sort(faults_, {},
                             [](const Fault& fault) { return std::tuple(fault.place.line, fault.place.column); });
    std::string text;
    for (const auto& fault : faults_) {
        text += text.empty() ? "" : "\n";
        text += name_ + ':' + std::to_string(fault.place.line) + ':' + std::to_string(fault.place.column) + ": ";
        text += fault.key.empty() ? fault.sentence : fault.key + ": " + fault.sentence;
    }
    throw SettingsError(text);
}

} // namespace paravent::config
