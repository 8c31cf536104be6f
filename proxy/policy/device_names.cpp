// What devices are called, and what an owner who mistypes may have meant.
#include "proxy/policy/address.hpp"
#include "proxy/policy/devices.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace paravent::policy {
namespace {

/// Levenshtein's distance, of the first 64 bytes.
std::size_t distance(std::string_view a, std::string_view b)
{
    a = a.substr(0, 64);
    b = b.substr(0, 64);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t kept = diagonal + (a[i] == b[j] ? 0U : 1U);
            diagonal = row[j + 1];
            row[j + 1] = std::min({kept, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

} // namespace

std::string folded(std::string_view name)
{
    std::string lower(name);
    for (std::size_t i = 0; i < lower.size(); ++i) {
        const auto byte = static_cast<unsigned char>(lower[i]);
        const bool ascii_capital = byte >= 'A' && byte <= 'Z';
        // U+00C0 to U+00DE but the multiplication sign: C3 80 … C3 9E.
        const bool latin_capital =
            i > 0 && static_cast<unsigned char>(lower[i - 1]) == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97;
        if (ascii_capital || latin_capital)
            lower[i] = static_cast<char>(byte + 0x20);
    }
    return lower;
}

void Devices::settle_names()
{
    std::set<std::string> taken;
    const auto name = [&](Record& record, const std::string& wanted) {
        std::string given = wanted;
        for (int n = 2; !given.empty() && !taken.insert(folded(given)).second; ++n)
            given = wanted + " (" + std::to_string(n) + ")";
        if (record.name != given) {
            record.name = given;
            record.client.reset();
        }
    };
    // The owner's word first, then the file's, then ours.
    for (Record& record : records_)
        if (record.answers.name)
            name(record, *record.answers.name);
    for (Record& record : records_)
        if (!record.answers.name && record.entry && !record.entry->name.empty())
            name(record, record.entry->name);
    for (Record& record : records_)
        if (!record.answers.name && !(record.entry && !record.entry->name.empty()))
            name(record, record.this_computer ? "this computer" : "");
}

Record* Devices::called(std::string_view text)
{
    if (Record* record = with_id(text))
        return record;
    const std::string wanted = folded(text);
    for (Record& record : records_)
        if (!record.name.empty() && folded(record.name) == wanted)
            return &record;
    if (const auto mac = normal_mac(text))
        return with_mac(*mac);
    return nullptr;
}

std::vector<std::string> Devices::near(std::string_view text) const
{
    const std::string wanted = folded(text);
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const Record& record : records_) {
        const std::string name = folded(record.name);
        std::size_t best = distance(wanted, record.id);
        bool close = best <= 1;
        if (!name.empty()) {
            const std::size_t d = distance(wanted, name);
            const bool part = wanted.size() >= 3 && name.find(wanted) != name.npos;
            close = close || part || d <= 2;
            best = part ? 0 : std::min(best, d);
        }
        if (close)
            found.emplace_back(best, record.name.empty() ? record.id : record.name + " (" + record.id + ")");
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < found.size() && i < 3; ++i)
        names.push_back(found[i].second);
    return names;
}

} // namespace paravent::policy
