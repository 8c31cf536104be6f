#pragma once

#include "config/settings.hpp"
#include "proxy/policy/device_ids.hpp"
#include "proxy/policy/policy.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace paravent::policy {

/// What is known of one device, and what its owner answered. Device is what follows from it.
struct Record {
    std::string id;
    bool this_computer = false;         ///< the loopback clients
    std::string mac;                    ///< of one record only
    std::vector<std::string> addresses; ///< remembered, latest first, at most 16
    /// Looked up since the start, latest first, at most 256: only these stand in the View, so that an address from the
    /// state file is looked up again before it is believed.
    std::vector<std::string> live;

    struct {
        std::optional<std::string> name;
        std::optional<Profile> profile;
        std::optional<bool> intercept, meta_apps, facebook_login, browsers_only;
        std::optional<Privacy> privacy;
    } answers;
    std::optional<std::int64_t> paused_until_ms;
    Device::Trust trust = Device::Trust::unknown;
    std::int64_t last_seen_ms = 0;

    std::optional<config::Device> entry;  ///< the [[device]] that describes it
    std::string name;                     ///< in force, unique among all
    std::shared_ptr<const Client> client; ///< as the View has it; null after a change
    bool excepted = false;                ///< some exception names it

    bool described() const noexcept; ///< by its owner or in the file: never dropped to make room
};

/// What holds for every device that nothing else is said of.
struct Home {
    Profile profile = Profile::standard;
    Privacy privacy = Privacy::events;
    std::optional<std::int64_t> paused_until_ms; ///< for all devices, whatever is said of them
};

/// All devices. Not thread-safe: Policy's lock is held. Pointers to records live until the record is forgotten.
class Devices {
public:
    static constexpr std::size_t limit = 4096;
    static constexpr std::size_t most_remembered = 16;
    static constexpr std::size_t most_live = 256;

    /// The device behind an address, for which `mac` answers (empty: not on this link). In this order: loopback; the
    /// [[device]] of that MAC; the [[device]] of that address; the device of that MAC; the device without a MAC, or
    /// with this one, that had the address; else a new one.
    Record& settle(const std::string& address, const std::string& mac);

    /// Ties [[device]] entries to records, old ones where they can be told, and makes the missing ones.
    void describe(const std::vector<config::Device>& entries);
    /// Names in force: the owner's first, then the file's; a second one of the same name gets " (2)".
    void settle_names();

    Record* with_id(std::string_view id);
    Record* with_live_address(std::string_view address);
    /// By id, name (any case) or MAC.
    Record* called(std::string_view id_name_or_mac);
    /// Ids and names that look like `text`, best first, at most three, as "Anna's phone (d3f1)".
    std::vector<std::string> near(std::string_view text) const;

    void forget(Record& record);
    void restore(Record record); ///< from the state file; ignores an id that is there already

    std::list<Record>& all() noexcept { return records_; }
    const std::list<Record>& all() const noexcept { return records_; }
    DeviceIds& ids() noexcept { return ids_; }
    const DeviceIds& ids() const noexcept { return ids_; }

private:
    Record& make();
    void set_mac(Record& record, const std::string& mac);
    void attach(Record& record, const std::string& address);
    Record& this_computer();
    Record* with_mac(const std::string& mac);
    Record* described_at(const std::string& address, const std::string& mac);
    Record* remembered_at(const std::string& address, const std::string& mac);
    Record* meant_by(const config::Device& entry, const std::unordered_map<std::string, config::Device>& before);

    std::list<Record> records_;
    std::unordered_map<std::string, Record*> by_id_, by_mac_, by_live_address_;
    DeviceIds ids_;
};

/// Equal whatever the case: ASCII and the Latin-1 letters; enough to tell people's devices apart.
std::string folded(std::string_view name);

/// The Device that follows from a record, without a pause that is over.
Device device_of(const Record& record, const Home& home, std::int64_t now_ms);

} // namespace paravent::policy
