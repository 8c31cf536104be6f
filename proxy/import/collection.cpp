#include "proxy/import/collection.hpp"

namespace paravent::imports {

Problem Collection::begin(std::string_view path, Entry)
{
    named_ = !path.empty();
    instagrams_ = is_instagrams(path);
    bytes_ = 0;
    ++files_;
    json_.emplace(summing_);
    return {};
}

Problem Collection::read(std::string_view piece)
{
    if (bytes_ == 0 && (piece.starts_with("\xFF\xFE") || piece.starts_with("\xFE\xFF")))
        return "This file is written in UTF-16, so something has changed it: Meta writes UTF-8. Drop it as it comes.";
    bytes_ += piece.size();
    return json_->read(piece);
}

Problem Collection::end()
{
    if (auto problem = json_->end(); !problem.empty())
        return problem;
    if (json_->found() || (named_ && json_->empty_list())) {
        found_ = true;
        (instagrams_ || json_->is_instagram() ? instagram_ : facebook_) = true;
    }
    json_.reset();
    return {};
}

Problem Collection::finish(std::string_view what)
{
    if (!found_)
        return nothing_inside(what);
    summing_.finish();
    return summing_.rows() > activity::max_export_rows ? no_room() : Problem{};
}

std::string_view Collection::source() const noexcept
{
    return facebook_ && instagram_ ? "both" : instagram_ ? "instagram" : "facebook";
}

} // namespace paravent::imports
