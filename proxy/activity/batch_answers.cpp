#include "proxy/activity/batch_answers.hpp"

namespace paravent::activity {
namespace {

/// Also the bytes of a byte order mark, which may stand at the very beginning.
bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\xEF' || c == '\xBB' || c == '\xBF';
}

} // namespace

/// Those of ours that stand before Meta's next one.
void BatchAnswers::put_ours(std::string& out)
{
    while (next_ours_ < ours_.size() && ours_[next_ours_].first == next_) {
        out.append(next_ > 0 ? "," : "").append(ours_[next_ours_++].second);
        ++next_;
    }
}

void BatchAnswers::before_entry(std::string& out)
{
    put_ours(out);
    if (next_++ > 0)
        out += ',';
}

/// Where Meta answered fewer than it was asked, the others get its word for a part that it did not come to.
void BatchAnswers::end_list(std::string& out)
{
    state_ = State::after;
    for (put_ours(out); next_ < parts_; put_ours(out)) {
        out.append(next_ > 0 ? "," : "").append("null");
        ++next_;
    }
    out += ']';
}

/// The commas between entries are written with them.
void BatchAnswers::take_one(char c, std::string& out)
{
    switch (state_) {
    case State::before:
        if (!is_blank(c))
            state_ = c == '[' ? State::between : State::after;
        break;
    case State::between:
        if (is_blank(c) || c == ',')
            return;
        if (c == ']')
            return end_list(out);
        before_entry(out);
        depth_ = 0;
        state_ = State::entry;
        [[fallthrough]];
    case State::entry:
        if (depth_ == 0 && (c == ',' || c == ']' || is_blank(c))) {
            state_ = State::between;
            return c == ']' ? end_list(out) : void();
        }
        if (c == '"')
            state_ = State::text;
        depth_ += c == '[' || c == '{' ? 1 : 0;
        depth_ -= depth_ > 0 && (c == ']' || c == '}') ? 1 : 0;
        break;
    case State::text:
        if (c == '"' || c == '\\')
            state_ = c == '"' ? State::entry : State::escaped;
        break;
    case State::escaped:
        state_ = State::text;
        break;
    case State::after:
        break;
    }
    out += c;
}

std::string BatchAnswers::take(std::string_view bytes)
{
    std::string out;
    out.reserve(bytes.size() + 256);
    for (const char c : bytes)
        take_one(c, out);
    return out;
}

std::string BatchAnswers::alone()
{
    std::string out = "[";
    end_list(out);
    return out;
}

} // namespace paravent::activity
