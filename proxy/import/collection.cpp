#include "proxy/import/collection.hpp"

#include <algorithm>

namespace paravent::imports {
namespace {

constexpr std::size_t most_links = 200'000;
constexpr std::size_t most_spare = 16; // Facebook's, Instagram's, and roots of folders
/// Beside the pages that the index links there is one more, which repeats what they have.
constexpr std::string_view spare_page = "0.html";
constexpr std::uint64_t most_bytes = std::uint64_t{4} << 30; ///< unpacked; 3 million events have 0.3 of them

} // namespace

Problem Collection::begin(std::string_view path, Entry kind)
{
    named_ = !path.empty();
    instagrams_ = is_instagrams(path);
    page_ = path.substr(path.rfind('/') + 1) == spare_page ? page_of(path) : 0;
    bytes_ = 0;
    ++files_;
    if (kind == Entry::html)
        html_.emplace(summing_, std::string(path));
    else
        json_.emplace(summing_);
    return {};
}

Problem Collection::read(std::string_view piece)
{
    if (bytes_ == 0 && (piece.starts_with("\xFF\xFE") || piece.starts_with("\xFE\xFF")))
        return "This file is written in UTF-16, so something has changed it: Meta writes UTF-8. Drop it as it comes.";
    bytes_ += piece.size();
    read_ += piece.size();
    if (read_ > most_bytes)
        return "This file unpacks to far more than an export of Meta's: it is damaged, or made to do harm. " +
               std::string(what_to_ask_for);
    return html_ ? html_->read(piece) : json_->read(piece);
}

Problem Collection::end()
{
    auto problem = html_ ? end_page() : end_json();
    html_.reset();
    json_.reset();
    return problem;
}

Problem Collection::end_page()
{
    if (auto problem = html_->end(); !problem.empty())
        return problem;
    if (html_->has_events()) {
        found_ = true;
        zoned_ = zoned_ && html_->zoned();
        if (page_ != 0 && spare_.size() < most_spare)
            spare_.push_back(page_);
        (instagrams_ ? instagram_ : facebook_) = true;
    } else if (const auto unread = html_->unread_times() + (named_ ? html_->without_time() : 0); unread > 0) {
        unread_times_ += unread; // a page of other things may have numbers that look like ids
    } else if (!html_->links().empty()) {
        has_index_ = true;
        if (links_.size() + html_->links().size() > most_links)
            return no_room();
        links_.insert(links_.end(), html_->links().begin(), html_->links().end());
    }
    return {};
}

Problem Collection::end_json()
{
    if (auto problem = json_->end(); !problem.empty())
        return problem;
    if (json_->found() || (named_ && json_->empty_list())) {
        found_ = true;
        (instagrams_ || json_->is_instagram() ? instagram_ : facebook_) = true;
    } else if (json_->undated() > 0 && (named_ || json_->has_other_times())) {
        undated_ = true;
    }
    return {};
}

Problem Collection::finish(std::string_view what)
{
    if (!found_ && unread_times_ > 0)
        return unread_times(unread_times_);
    if (!found_ && undated_)
        return nothing_usable();
    nothing_ = !found_;
    if (!found_ && has_index_)
        return "This is the index of an HTML export without its pages: drop the whole zip as Meta gave it.";
    if (!found_)
        return nothing_inside(what);
    std::sort(links_.begin(), links_.end());
    summing_.keep_linked(links_, spare_);
    summing_.finish();
    if (summing_.rows() == 0 && summing_.skipped() > 0) // kept, it would say that Meta's list is empty now
        return nothing_usable();
    return summing_.rows() > activity::max_export_rows ? no_room() : Problem{};
}

std::string_view Collection::source() const noexcept
{
    return facebook_ && instagram_ ? "both" : instagram_ ? "instagram" : "facebook";
}

} // namespace paravent::imports
