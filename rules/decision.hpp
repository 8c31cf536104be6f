#pragma once

#include "rules/compiled.hpp"
#include "rules/conditions.hpp"
#include "rules/hashing.hpp"
#include "rules/pattern.hpp"
#include "rules/url_tokens.hpp"

#include <algorithm>
#include <array>

namespace paravent::rules {

/// The URL of a request; its copy in lower case is made when the first rule asks for it.
class UrlText {
public:
    /// `url` has `host` from `host_begin` on.
    UrlText(std::string_view url, std::size_t host_begin, std::size_t host_size) noexcept
        : url_{{}, url, host_begin, host_begin + host_size}
    {
    }

    const Url& get() noexcept
    {
        if (url_.lower.data() == nullptr) {
            write_lower(url_.exact, buffer_.data());
            url_.lower = {buffer_.data(), url_.exact.size()};
        }
        return url_;
    }
    std::size_t host_begin() const noexcept { return url_.host_begin; }
    /// Four bytes of the path, one behind the host's end.
    std::uint32_t path_start() noexcept
    {
        const Url& url = get();
        return static_cast<std::uint32_t>(load8(url.lower.data() + std::min(url.host_end + 1, url.lower.size())));
    }

private:
    Url url_;
    std::array<char, longest_url + padding> buffer_; // not set: most requests need a hundred bytes of it or none
};

/// One decision: the best rule of each kind so far.
class Decision {
public:
    Decision(const Ruleset::Compiled& compiled, const Request& request, UrlText& url) noexcept
        : c_(compiled), request_(request), url_(url), now_(request)
    {
    }

    void ask() noexcept;
    Verdict verdict() const;

private:
    void ask_host(RuleRef ref, std::string_view domain);
    void ask_path(RuleRef ref, std::size_t domain_begin);
    void ask_tokens();
    void ask_token(RuleRef ref, std::size_t at);
    void ask_anywhere(RuleRef ref);
    void note_path(RuleRef ref, std::string_view domain);

    /// The place for the best of the rule's kind, or null where the rule need not be looked at.
    RuleRef* place_for(RuleRef ref, std::uint16_t flags) noexcept;
    bool circumstances_fit(const Filter& filter) const noexcept;
    bool fits_at(const Filter& filter, std::size_t at) noexcept;
    void take(RuleRef* place, RuleRef ref, const Filter& filter, bool pattern_fits) noexcept;

    const Ruleset::Compiled& c_;
    const Request& request_;
    UrlText& url_;
    Circumstances now_;
    RuleRef important_ = no_rule;
    RuleRef block_ = no_rule;
    RuleRef exception_ = no_rule;
    RuleRef important_exception_ = no_rule;
    bool paths_block_ = false;  // a rule about paths of this host (or with options) could block
    bool paths_except_ = false; // … or make an exception
};

} // namespace paravent::rules
