#pragma once

#include "rules/store.hpp"

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace paravent::rules {

/// What is said about rules in verdicts: text and identifier of those that have decided so far. They are made the first
/// time a rule decides and kept, since the views in a Verdict last as long as the ruleset; for the other hundred
/// thousand rules nothing is kept. Any number of threads may ask.
class Spoken {
public:
    struct Words {
        RuleRef ref;
        std::uint32_t line;
        std::string text;
        std::string id;
    };

    Spoken() : chains_(std::make_unique<Chains>()) {}
    ~Spoken()
    {
        for (auto& chain : *chains_)
            for (Node* node = chain.load(); node != nullptr;)
                delete std::exchange(node, node->next);
    }
    Spoken(const Spoken&) = delete;
    Spoken& operator=(const Spoken&) = delete;

    /// The words about a rule; `make(ref)` makes them.
    template <typename Make>
    const Words& about(RuleRef ref, Make make) const
    {
        std::atomic<Node*>& chain = (*chains_)[(ref * 0x9e3779b1U) >> 22];
        Node* first = chain.load(std::memory_order_acquire);
        for (Node* node = first; node != nullptr; node = node->next)
            if (node->words.ref == ref)
                return node->words;
        auto fresh = std::make_unique<Node>(Node{make(ref), first});
        // Two threads may add the same words at once: then they stand there twice, which does no harm.
        while (!chain.compare_exchange_weak(fresh->next, fresh.get(), std::memory_order_acq_rel))
            continue;
        return fresh.release()->words;
    }

private:
    struct Node {
        Words words;
        Node* next;
    };
    using Chains = std::array<std::atomic<Node*>, 1024>;
    std::unique_ptr<Chains> chains_;
};

} // namespace paravent::rules
