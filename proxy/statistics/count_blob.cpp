#include "proxy/statistics/count_blob.hpp"

#include "proxy/statistics/packing.hpp"

#include <array>

namespace paravent::statistics {
namespace {

constexpr char format = 1;

void put(std::string& out, std::uint64_t n)
{
    std::array<char, most_packed_number> bytes;
    out.append(bytes.data(), pack(bytes.data(), n));
}

/// Actions, then what was not judged: most of them are 0 and take one byte.
void put(std::string& out, const Counts& c)
{
    for (const auto n : {c.allow, c.log, c.block, c.answer, c.requests - c.allow - c.log - c.block - c.answer})
        put(out, n);
}

Counts counts_in(Unpacker& in)
{
    Counts c;
    c.allow = in.number();
    c.log = in.number();
    c.block = in.number();
    c.answer = in.number();
    c.requests = in.number() + c.allow + c.log + c.block + c.answer;
    return c;
}

} // namespace

std::string encode(const HourCounts& counts)
{
    std::string out(1, format);
    put(out, counts.total);
    for (const auto& product : counts.products)
        put(out, product);
    for (const auto& labels : counts.labels) {
        put(out, labels.size());
        for (const auto& [label, n] : labels) {
            put(out, label.size());
            out += label;
            put(out, n);
        }
    }
    return out;
}

std::optional<HourCounts> decode_counts(std::string_view bytes)
{
    if (bytes.empty() || bytes.front() != format)
        return std::nullopt;
    Unpacker in{bytes.substr(1)};
    HourCounts counts;
    counts.total = counts_in(in);
    for (auto& product : counts.products)
        product = counts_in(in);
    for (auto& labels : counts.labels) {
        for (auto left = in.count(); left != 0 && in.good(); --left) {
            std::string label{in.text()};
            const auto n = counts_in(in);
            if (in.good())
                labels.emplace_back(std::move(label), n);
        }
    }
    if (!in.good() || !in.at_end())
        return std::nullopt;
    return counts;
}

} // namespace paravent::statistics
