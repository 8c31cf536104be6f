#pragma once

#include "proxy/cli/place.hpp"
#include "proxy/desktop/memory.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What each command takes, and what does it: each returns the exit status, or throws Failure.
namespace paravent::cli {

struct Events {
    bool follow = false, json = false, csv = false;
    std::string device, site, since, product, verdict;
    unsigned limit = 0; ///< 0: the last 100 as a table, all as JSON, CSV or with --since
};
int events(const Place&, const Events&);

struct Stats {
    bool json = false;
    std::string since, by = "day";
};
int stats(const Place&, const Stats&);
int status(const Place&, bool json);
int devices(const Place&, bool json);
int lists(const Place&, bool json);
int update_lists(const Place&, bool json);
struct NewList {
    std::string name, url, category;
    bool insecure = false;
};
int add_list(const Place&, const NewList&, bool json);
int remove_list(const Place&, const std::string& name);
int switch_list(const Place&, const std::string& name, bool on, bool json);

struct Device {
    std::string device;
    std::optional<std::string> name, profile, meta_apps, facebook_login, browsers_only, privacy;
    bool json = false;
};
int device(const Place&, const Device&);
int pause(const Place&, const std::string& device, const std::string& duration);

int password(const Place&, bool code);
int sites(const Place&, const std::string& since, bool json);
struct Site {
    std::string site;
    std::optional<std::string> mode, block_gateway;
    bool json = false;
};
int site(const Place&, const Site&);

int intercept(const Place&, const std::string& device, bool on, bool json);

struct Bypasses {
    std::string remove;
    bool json = false;
};
int bypasses(const Place&, const Bypasses&);

struct Allow {
    std::string site, device, duration, remove;
    bool list = false, json = false;
};
int allow(const Place&, const Allow&);

struct Mine {
    std::string kind;               ///< "em", "ph"; empty: how much was given
    bool remove = false;            ///< the value on stdin; all of the kind where there is none
    std::vector<std::string> extra; ///< what stood behind the kind
};
int mine(const Place&, const Mine&);

struct Forget {
    bool all = false, also_device = false;
    std::string device, site;
};
int forget(const Place&, const Forget&);
struct Backup {
    std::string file, passphrase_file; ///< of the passphrase: empty where the authority stays out
};
int backup(const Place&, const Backup&);
int restore(const Place&, const Backup&);

struct ImportFiles {
    std::vector<std::string> files; ///< the parts of one export
    std::string person;
    bool json = false;
};
int import_files(const Place&, const ImportFiles&);
struct Reconcile {
    std::string person, import;
    bool json = false;
};
int reconcile(const Place&, const Reconcile&);

struct Authority {
    enum class Action : std::uint8_t { none, create, show, export_root, renew, remove } action = Action::none;
    std::string keep_root, passphrase_file, file, fingerprint;
};
int authority(const Place&, const Authority&);

struct SystemProxy {
    enum class Action : std::uint8_t { on, off, show } action = Action::show;
    desktop::Asked asked;
    bool again = false;   ///< on: as it was asked for before `off --for-now`; nothing where it was not
    bool for_now = false; ///< off: remembers that it was asked for
    bool json = false;
};
int system_proxy(const Place&, const SystemProxy&);

int check(const Place&);

struct Why {
    std::string url, from, type, method = "GET", profile, device;
    bool json = false;
};
int why(const Place&, const Why&);

struct Match {
    std::vector<std::string> lists;
    bool time = false;
};
int match(const Match&);

struct Decode {
    std::string har; ///< a file; empty: JSON lines on stdin
};
int decode(const Decode&);

} // namespace paravent::cli
