#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace paravent::desktop {

using KeysOfGroup = std::map<std::string, std::optional<std::string>, std::less<>>;

/// The values of a group in a settings file of KDE's (KConfig: INI-like lines "Key=value" under "[Group]"), as they are
/// written there. Of a key that is there twice the later one, as KConfig takes it.
KeysOfGroup read_group(std::string_view file, std::string_view group);

/// The file with these keys set, or taken out where they have no value. Every other byte stays as it is; a group that
/// is left empty goes.
std::string with_group(std::string_view file, std::string_view group, const KeysOfGroup& keys);

} // namespace paravent::desktop
