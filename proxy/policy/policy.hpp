#pragma once

#include "config/settings.hpp"
#include "proxy/activity/mine.hpp"
#include "proxy/policy/home.hpp"
#include "proxy/policy/sites.hpp"
#include "rules/request.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::policy {

using config::Privacy;
using config::Profile;

/// A device with everything that applies to it, state file over paravent.toml over the home's defaults.
struct Device {
    std::string id;                     ///< "d3f1": four or more lower-case hex digits, never used twice
    std::string name;                   ///< as the owner calls it; else empty
    std::vector<std::string> addresses; ///< latest first, at most 16
    std::string mac;                    ///< empty where not on the same link
    Profile profile = Profile::standard;
    bool intercept = false, meta_apps = true, facebook_login = false, browsers_only = false;
    Privacy privacy = Privacy::events;
    std::optional<std::int64_t> paused_until_ms;
    enum class Trust : std::uint8_t { unknown, yes, no } trust = Trust::unknown;
    std::int64_t last_seen_ms = 0;
};

/// "From this device (or all), for this site, until then: allow or block, whatever the lists say."
struct Exception {
    std::string id;
    std::string site;   ///< normal form: a registrable domain or a full host
    std::string device; ///< id, or empty: every device
    std::optional<std::int64_t> until_ms;
    rules::Action verdict = rules::Action::allow; ///< allow or block
};

/// The effective profile turned into actions: design.md's table for one device. Paused counts as off.
rules::Rulings rulings_of(Profile profile, bool meta_apps, bool facebook_login) noexcept;

/// What applies to one client; immutable, valid as long as the View it came from.
struct Client {
    Device device;
    rules::Rulings rulings;
    /// Of this device or of all, sorted so that the more specific site comes first.
    std::vector<Exception> exceptions;
    /// The owner's own e-mail addresses and phone numbers, to be found again in what is told; null: none.
    std::shared_ptr<const activity::Mine> mine;
    std::shared_ptr<const Sites> sites; ///< of the home; null: nothing was chosen
    /// Off, or paused at `now_ms`.
    bool unjudged(std::int64_t now_ms) const noexcept;
    /// The exception that decides, or null. `site` is the page's site (empty where unknown); where it is known only it
    /// counts for registrable domains, else the destination does. A full host in an exception matches the destination.
    const Exception* exception_for(std::string_view page_host, std::string_view destination,
                                   std::int64_t now_ms) const noexcept;
    SiteMode mode_for(std::string_view page_host) const noexcept
    {
        return sites ? sites->mode_for(page_host) : SiteMode::report;
    }
    /// Whether it is time to tell Policy::seen of this client again; true for one of all who ask at once.
    bool is_to_be_noted(std::int64_t now_ms) const noexcept;

private:
    mutable std::int64_t noted_ms_ = 0; ///< by std::atomic_ref alone
};

/// The policy at one moment. Any number of threads may read it.
class View {
public:
    virtual ~View() = default;
    /// The client with that numeric address (unmapped). Null: not seen before; call Policy::meet.
    virtual std::shared_ptr<const Client> client(std::string_view address) const = 0;
};

/// Something the owner asked for that cannot be: a sentence for a person in what().
class PolicyError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What the owner may change of a device; what is not set stays. A set but empty inner value goes back to the file's.
struct DeviceChange {
    std::optional<std::string> name;
    std::optional<std::optional<Profile>> profile;
    std::optional<std::optional<bool>> intercept, meta_apps, facebook_login, browsers_only;
    std::optional<std::optional<Privacy>> privacy;
    std::optional<std::optional<std::int64_t>> paused_until_ms;
};

class Neighbours;

/// Devices, profiles and exceptions, kept in STATE/policy.json (0600, written atomically: temporary file, fsync,
/// rename; a broken one is moved aside with a notice, a newer format is refused). Calls may come from any thread.
class Policy {
public:
    /// @throws PolicyError where the state directory cannot be used at all
    Policy(const std::filesystem::path& state_directory, const config::Settings& settings);
    /// The same with another neighbour table than the kernel's.
    Policy(const std::filesystem::path& state_directory, const config::Settings& settings,
           std::unique_ptr<Neighbours> neighbours);
    ~Policy();
    Policy(const Policy&) = delete;
    Policy& operator=(const Policy&) = delete;

    /// The policy in force; a new object after each change.
    std::shared_ptr<const View> view() const;
    /// Counts up with each change, so that a worker sees cheaply that its view is old.
    std::uint64_t version() const noexcept;
    void configure(const config::Settings& settings); ///< after a reload

    /// The client for an address not seen before: looks its MAC up in the kernel's neighbour table (netlink, no waiting
    /// beyond the system call), finds its device by MAC, else by address, else makes one. Saved within some seconds by
    /// a thread of Policy's own. Bounded: beyond 4,096 devices the one not seen for longest and never described goes.
    std::shared_ptr<const Client> meet(std::string_view address);
    void seen(std::string_view device, std::int64_t now_ms); ///< cheap; saved with the next change
    /// Looks all addresses up again: one that answers with another MAC now belongs to that device. Policy's thread does
    /// it every half minute in which something was seen.
    void look_again();

    std::vector<Device> devices() const; ///< latest seen first
    /// An id, a name or an address; an address not seen yet makes the device. @throws PolicyError naming near misses
    Device device(std::string_view id_name_or_address);
    /// The same, but none is made. @throws PolicyError naming near misses
    Device known(std::string_view id_name_or_address) const;
    Device change(std::string_view device, const DeviceChange& change); ///< @throws PolicyError
    /// Whether the device has proved to trust the home's authority.
    void set_trust(std::string_view device, Device::Trust trust);

    HomeAnswers home() const;
    HomeAnswers change_home(const HomeChange& change); ///< @throws PolicyError

    std::vector<Exception> exceptions() const; ///< newest first, without those that ended
    /// Checks and completes (id, normal form). @throws PolicyError
    Exception add(Exception exception);
    bool remove_exception(std::string_view id);

    /// Never null.
    std::shared_ptr<const Sites> sites() const;
    /// Returns the registrable domain that it holds for. @throws PolicyError
    std::string change_site(std::string_view site, const SiteChange& change);
    /// Hosts (normal form) that Meta named as gateways to a page of this host: kept where its site is observed. Never
    /// waits for the disk.
    void note_gateways(std::string_view page_host, std::span<const std::string> hosts);

    /// Lists switched on or off by the owner; nothing where the file decides.
    std::optional<bool> list_enabled(std::string_view name) const;
    void set_list_enabled(std::string_view name, std::optional<bool> enabled);
    /// Lists by URL that the owner added; each goes before an entry of its name in the settings file.
    std::vector<config::List> subscriptions() const;
    void subscribe(const config::List& list); ///< @throws PolicyError, also where there is one of that name
    bool unsubscribe(std::string_view name);  ///< false where there is none

    /// "Was that mine?" (STATE/mine.json, in no backup). In force at once; null: nothing was given.
    std::shared_ptr<const activity::Mine> mine() const;
    /// Takes a value as a person writes it; false where it was there. @throws PolicyError without the value in it, and
    /// std::runtime_error where it cannot be written; nothing is changed then
    bool add_mine(activity::Own kind, std::string_view written);
    bool remove_mine(activity::Own kind, std::string_view written); ///< false where it was not there. @throws the same
    std::size_t remove_mine(std::optional<activity::Own> kind);     ///< all of that kind, or all; returns how many

    void forget_device(std::string_view device); ///< addresses, MAC, name and answers; "" forgets all
    void save();                                 ///< now. @throws PolicyError
    /// What policy.json holds, as text; and all of it replaced by such a text, for backups. @throws PolicyError where
    /// the text is not wholly in order (nothing is changed then), or where the file is another program's
    std::string text() const;
    void restore(std::string_view text);
    std::string problem() const; ///< a sentence where the state file is not in order, else empty

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace paravent::policy
