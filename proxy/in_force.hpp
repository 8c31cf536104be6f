#pragma once

#include "config/settings.hpp"
#include "proxy/lists/lists.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace paravent {

/// The settings and lists that are in force. They may be asked for from any thread; whoever replaces them is alone.
class InForce {
public:
    explicit InForce(config::Settings settings)
        : settings_(std::make_shared<const config::Settings>(std::move(settings)))
    {
    }

    std::shared_ptr<const config::Settings> settings() const;
    std::shared_ptr<const rules::Ruleset> rules() const;
    std::vector<lists::ListStatus> lists() const;

    void replace(std::shared_ptr<const config::Settings> settings);
    /// The lists of these settings, read and compiled anew (lists::compile).
    void compile(const std::filesystem::path& state_directory, const lists::OwnerSwitch& owner_switch);

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const config::Settings> settings_;
    lists::Compiled lists_;
};

/// The settings file's lists and those that the owner added since, which go before those of the same name.
std::shared_ptr<const config::Settings> with_added_lists(const config::Settings& file, std::vector<config::List> added);

} // namespace paravent
