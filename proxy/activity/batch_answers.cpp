#include "proxy/activity/batch_answers.hpp"

namespace paravent::activity {

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
    ended_ = true;
    for (put_ours(out); next_ < parts_; put_ours(out)) {
        out.append(next_ > 0 ? "," : "").append("null");
        ++next_;
    }
    out += ']';
}

std::string BatchAnswers::take(std::string_view bytes)
{
    std::string out;
    out.reserve(bytes.size() + 256);
    for (const char c : bytes) {
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (!begun_ && !blank) {
            begun_ = true;
            list_ = c == '[';
            if (list_) {
                depth_ = 1;
                out += c;
                continue;
            }
        }
        if (!list_ || ended_) {
            out += c;
            continue;
        }
        if (in_string_) {
            out += c;
            in_string_ = escaped_ || c != '"';
            escaped_ = !escaped_ && c == '\\';
            continue;
        }
        if (depth_ == 1 && (blank || c == ',')) { // the commas between entries are written with them
            in_entry_ = in_entry_ && c != ',';
            continue;
        }
        if (depth_ == 1 && c == ']') {
            end_list(out);
            continue;
        }
        if (!in_entry_) {
            in_entry_ = true;
            before_entry(out);
        }
        out += c;
        in_string_ = c == '"';
        depth_ += c == '[' || c == '{' ? 1 : 0;
        depth_ -= depth_ > 1 && (c == ']' || c == '}') ? 1 : 0;
    }
    return out;
}

std::string BatchAnswers::alone()
{
    std::string out = "[";
    end_list(out);
    return out;
}

} // namespace paravent::activity
