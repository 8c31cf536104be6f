#include "config/unserved.hpp"

namespace paravent::config {

std::vector<std::string> unserved(const Settings& settings)
{
    std::vector<std::string> sentences;
    const auto say = [&](bool asked, const std::string& key, const std::string& effect) {
        if (asked)
            sentences.push_back(key + " is read but not served by this version: " + effect);
    };
    const std::string nothing_arrives = "nobody listens there";
    say(!settings.proxy.steered.empty(), "proxy.steered", nothing_arrives);
    say(!settings.proxy.redirected.empty(), "proxy.redirected", nothing_arrives);
    const std::string nothing_decrypted = "nothing is decrypted";
    say(settings.tls.remember != Settings{}.tls.remember, "tls.remember", nothing_decrypted);
    for (const auto& device : settings.devices)
        say(device.intercept.value_or(false), "intercept of device " + device.name, nothing_decrypted);
    for (const auto& list : settings.lists)
        say(list.intercept, "intercept of list " + list.name, nothing_decrypted);
    return sentences;
}

} // namespace paravent::config
