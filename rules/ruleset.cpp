#include "rules/ruleset.hpp"

#include "rules/compiled.hpp"

namespace paravent::rules {

std::shared_ptr<const Ruleset> Ruleset::compile(std::span<const ListSource> lists, std::vector<ListReport>* reports)
{
    Compiler compiler;
    std::vector<ListReport> made;
    for (const ListSource& list : lists)
        made.push_back(compiler.add(list));
    if (reports != nullptr)
        *reports = std::move(made);
    return compiler.finish();
}

struct Ruleset::Compiler::State {
    std::unique_ptr<Compiled> compiled = std::make_unique<Compiled>();
    PendingRules pending;
};

Ruleset::Compiler::Compiler() : state_(std::make_unique<State>()) {}
Ruleset::Compiler::~Compiler() = default;

ListReport Ruleset::Compiler::add(const ListSource& list)
{
    ListReport report;
    read_list(list, *state_->compiled, state_->pending, report);
    return report;
}

std::shared_ptr<const Ruleset> Ruleset::Compiler::finish()
{
    index_rules(std::move(state_->pending), *state_->compiled);
    return std::shared_ptr<const Ruleset>(new Ruleset(std::move(state_->compiled)));
}

Ruleset::Ruleset(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
Ruleset::~Ruleset() = default;

Rule Ruleset::Compiled::rule(RuleRef ref) const
{
    const List& list = lists[store.list(ref)];
    const Spoken::Words& words = spoken.about(ref, [&](RuleRef r) {
        const std::uint32_t line = store.line(r);
        std::string id{store.is_host(r) ? std::string_view{} : store.rule(r).id};
        if (id.empty())
            id = std::to_string(line);
        return Spoken::Words{r, line, store.text(r), std::move(id)};
    });
    return {.list = list.own ? "meta" : std::string_view{list.name},
            .id = words.id,
            .text = words.text,
            .file = list.name,
            .line = words.line,
            .category = list.category,
            .category_name = list.category_name,
            .sentence = list.own ? store.rule(ref).sentence : std::string_view{}};
}

/// Allow means: not asked.
Action Ruleset::Compiled::ruling(std::size_t list, bool not_intercepted, const Request& request) const noexcept
{
    const auto category = static_cast<std::size_t>(lists[list].category);
    if (!not_intercepted)
        return request.rulings->ruling[category];
    return request.intercepted ? Action::allow : request.rulings->when_not_intercepted[category];
}

bool Ruleset::in_scope(std::string_view host) const noexcept
{
    while (!host.empty()) {
        if (compiled_->scope.contains(host))
            return true;
        const std::size_t dot = host.find('.');
        host.remove_prefix(dot == std::string_view::npos ? host.size() : dot + 1);
    }
    return false;
}

std::vector<std::string> Ruleset::own_domains() const
{
    std::vector<std::string> out;
    for (const auto& host : compiled_->own_hosts) {
        bool below = false;
        for (auto dot = host.find('.'); dot != std::string::npos && !below; dot = host.find('.', dot + 1))
            below = compiled_->own_hosts.contains(std::string_view(host).substr(dot + 1));
        if (!below)
            out.push_back(host);
    }
    return out;
}

std::size_t Ruleset::size() const noexcept
{
    return compiled_->size;
}

} // namespace paravent::rules
