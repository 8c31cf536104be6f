#include "rules/regexes.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace paravent::rules {
namespace {

/// Bytes, not code points: URLs may hold any. The budget bounds what one expression may take (security-goals.md D7).
RE2::Options options(bool match_case)
{
    RE2::Options o(RE2::Quiet);
    o.set_case_sensitive(match_case);
    o.set_encoding(RE2::Options::EncodingLatin1);
    o.set_max_mem(1 << 20);
    return o;
}

/// The position behind the group or class that begins at `at`.
std::size_t behind_brackets(std::string_view expression, std::size_t at)
{
    std::size_t depth = 0;
    bool in_class = false;
    for (; at < expression.size(); ++at) {
        const char c = expression[at];
        if (c == '\\') {
            ++at;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            // A ] that comes first is an ordinary character.
            if (at + 1 < expression.size() && expression[at + 1] == '^')
                ++at;
            if (at + 1 < expression.size() && expression[at + 1] == ']')
                ++at;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')') {
            --depth;
        }
        if (depth == 0 && !in_class)
            return at + 1;
    }
    return expression.size();
}

constexpr bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

} // namespace

Regexes::~Regexes()
{
    for (const auto& entry : entries_)
        delete entry->built.load();
}

std::string Regexes::problem_with(std::string_view expression)
{
    const RE2 tried(re2::StringPiece(expression.data(), expression.size()), options(false));
    return tried.ok() ? std::string{} : tried.error();
}

bool Regexes::matches(RuleRef ref, const Filter& filter, std::string_view text) const
{
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), ref,
                                        [](const auto& entry, RuleRef r) { return entry->ref < r; });
    std::atomic<const RE2*>& built = (*found)->built;
    const RE2* expression = built.load(std::memory_order_acquire);
    if (expression == nullptr) {
        auto fresh = std::make_unique<RE2>(re2::StringPiece(filter.pattern.data(), filter.pattern.size()),
                                           options(filter.match_case));
        // Of two threads that come here at once, one throws its own away.
        if (built.compare_exchange_strong(expression, fresh.get(), std::memory_order_acq_rel))
            expression = fresh.release();
    }
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression);
}

std::vector<std::string> certain_pieces(std::string_view expression)
{
    std::vector<std::string> pieces;
    std::string piece;
    const auto end_piece = [&] {
        if (!piece.empty())
            pieces.push_back(std::move(piece));
        piece.clear();
    };
    if (expression.find("\\Q") != std::string_view::npos)
        return {};
    for (std::size_t at = 0; at < expression.size();) {
        const char c = expression[at];
        if (c == '|')
            return {};
        if (c == '(' || c == '[') {
            end_piece();
            at = behind_brackets(expression, at);
        } else if (c == '*' || c == '?' || c == '{') { // what stands before may be missing
            if (!piece.empty())
                piece.pop_back();
            end_piece();
            at = c == '{' ? std::min(expression.find('}', at), expression.size() - 1) + 1 : at + 1;
        } else if (c == '.' || c == '^' || c == '$' || c == '+' || c == ')') {
            end_piece();
            ++at;
        } else if (c == '\\') {
            const char next = at + 1 < expression.size() ? expression[at + 1] : 'b';
            if (is_letter_or_digit(next))
                end_piece(); // a class, or a character by number
            else
                piece += next;
            at += 2;
        } else {
            piece += c;
            ++at;
        }
    }
    end_piece();
    return pieces;
}

} // namespace paravent::rules
