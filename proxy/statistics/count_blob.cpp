#include "proxy/statistics/count_blob.hpp"

namespace paravent::statistics {
namespace {

constexpr char format = 1;

void put(std::string& out, std::uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        out += static_cast<char>(n | 0x80);
    out += static_cast<char>(n);
}

/// Actions, then what was not judged: most of them are 0 and take one byte.
void put(std::string& out, const Counts& c)
{
    for (const auto n : {c.allow, c.log, c.block, c.answer, c.requests - c.allow - c.log - c.block - c.answer})
        put(out, n);
}

class Reader {
public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}

    std::uint64_t number()
    {
        std::uint64_t n = 0;
        for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            n |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80)
                return n;
        }
        good_ = false;
        return 0;
    }
    Counts counts()
    {
        Counts c;
        c.allow = number();
        c.log = number();
        c.block = number();
        c.answer = number();
        c.requests = number() + c.allow + c.log + c.block + c.answer;
        return c;
    }
    std::string_view text()
    {
        const auto size = number();
        if (size > left_.size()) {
            good_ = false;
            return {};
        }
        const auto text = left_.substr(0, static_cast<std::size_t>(size));
        left_.remove_prefix(text.size());
        return text;
    }
    bool good() const noexcept { return good_; }
    bool at_end() const noexcept { return left_.empty(); }

private:
    std::string_view left_;
    bool good_ = true;
};

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
    Reader reader{bytes.substr(1)};
    HourCounts counts;
    counts.total = reader.counts();
    for (auto& product : counts.products)
        product = reader.counts();
    for (auto& labels : counts.labels) {
        for (auto left = reader.number(); left != 0 && reader.good(); --left) {
            std::string label{reader.text()};
            const auto n = reader.counts();
            if (reader.good())
                labels.emplace_back(std::move(label), n);
        }
    }
    if (!reader.good() || !reader.at_end())
        return std::nullopt;
    return counts;
}

} // namespace paravent::statistics
