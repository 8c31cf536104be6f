#pragma once

#include "proxy/policy/devices.hpp"
#include "proxy/policy/neighbours.hpp"
#include "proxy/policy/policy.hpp"
#include "tests/unit/folder.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

/// A [[device]] of the settings file.
inline paravent::config::Device entry(const std::string& name, const std::string& address, const std::string& mac,
                                      std::optional<paravent::config::Profile> profile = {})
{
    paravent::config::Device device;
    device.name = name;
    device.address = address;
    device.mac = mac;
    device.profile = profile;
    return device;
}

/// A house with a neighbour table of the test's own; the Policy starts when it is first asked for.
class House {
public:
    Folder folder;
    std::filesystem::path state = folder.path / "state";
    std::filesystem::path file = state / "policy.json";
    paravent::config::Settings settings;

    paravent::policy::Policy& policy()
    {
        if (!policy_)
            start();
        return *policy_;
    }
    void stop() { policy_.reset(); }
    void start()
    {
        stop();
        policy_ = std::make_unique<paravent::policy::Policy>(state, settings, std::make_unique<Table>(table_));
    }
    void restart() { start(); }

    /// From now on that MAC answers for that address.
    void answer(const std::string& address, const std::string& mac) { (*table_)[address] = mac; }

private:
    using Answers = std::map<std::string, std::string, std::less<>>;
    struct Table : paravent::policy::Neighbours {
        explicit Table(std::shared_ptr<const Answers> given) : answers(std::move(given)) {}
        std::string mac_of(std::string_view address) override
        {
            const auto found = answers->find(address);
            return found == answers->end() ? std::string{} : found->second;
        }
        std::shared_ptr<const Answers> answers;
    };

    std::shared_ptr<Answers> table_ = std::make_shared<Answers>();
    std::unique_ptr<paravent::policy::Policy> policy_;
};
