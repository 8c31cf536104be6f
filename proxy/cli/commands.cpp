#include "proxy/cli/commands.hpp"

#include "proxy/cli/network.hpp"
#include "proxy/cli/options.hpp"
#include "proxy/dashboard/text.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace paravent::cli {
namespace {

/// The commands as CLI11 reads them. Each callback only remembers what is to be done, so that wrong words anywhere on
/// the line are found before anything happens.
class CommandLine {
public:
    CommandLine(const std::filesystem::path& program, int (*run_service)(const RunOptions&)) : run_service_(run_service)
    {
        place_.program = program;
        app_.name("paravent");
        app_.description("A folding screen between a home and Meta");
        app_.require_subcommand(1);
        app_.fallthrough(); // so that --config and --state may stand behind a command's own words
        app_.footer("Every command takes --config FILE (the settings, paravent.toml) and --state DIR as well.");
        app_.set_version_flag("--version", PARAVENT_VERSION);
        app_.add_option("--config", place_.config, "The settings, paravent.toml")->type_name("FILE");
        app_.add_option("--state", place_.state, "The state directory")->type_name("DIR");
        add_service();
        add_rules();
        add_events();
        add_lists();
        add_devices();
        add_exceptions();
        add_sites();
        add_data();
        add_authority();
        add_system_proxy();
        add_network();
    }

    int run(int argc, char** argv)
    {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::CallForHelp& help) {
            return app_.exit(help);
        } catch (const CLI::CallForAllHelp& help) {
            return app_.exit(help);
        } catch (const CLI::CallForVersion& version) {
            return app_.exit(version);
        } catch (const CLI::ParseError& error) {
            std::string line = error.what();
            line.resize(std::min(line.size(), line.find('\n')));
            if (const auto fault = fault_of_words(); !fault.empty())
                line = fault;
            std::fprintf(stderr, "paravent: %s (see paravent --help)\n", dashboard::inert(line).c_str());
            return wrong_usage;
        }
        const int status = action_();
        if (status == 0 && !std::cout.flush())
            throw Failure(failed, "the output could not be written");
        return status;
    }

private:
    /// CLI11 misses a command before it says which word is none.
    std::string fault_of_words() const
    {
        const auto words = app_.remaining(true);
        const auto begun = app_.get_subcommands();
        if (begun.empty())
            return words.empty() ? "which command?" : "there is no command \"" + words.front() + "\"";
        std::string choices;
        for (const auto* below : begun.front()->get_subcommands({}))
            choices += (choices.empty() ? "" : ", ") + below->get_name();
        if (choices.empty() || !begun.front()->get_subcommands().empty() ||
            (!words.empty() && words.front().starts_with('-')))
            return {};
        return begun.front()->get_name() + ": one of " + choices +
               (words.empty() ? "" : ", not \"" + words.front() + "\"");
    }

    CLI::App* command(const char* name, const char* description, std::function<int()> action)
    {
        auto* command = app_.add_subcommand(name, description);
        command->callback([this, action = std::move(action)] { action_ = action; });
        return command;
    }

    void add_service()
    {
        command("run", "The service, in the foreground",
                [this] { return run_service_({place_.config, place_.state, place_.program}); });
        command("check", "Reads settings and lists, and prints every error", [this] { return check(place_); });
        json(command("status", "How the service is", [this] { return status(place_, json_); }));
    }

    void add_rules()
    {
        auto* asks = command("why", "What would happen to a request, and why", [this] { return why(place_, why_); });
        asks->add_option("URL", why_.url, "The address")->required();
        asks->add_option("--from", why_.from, "The page that asks for it")->type_name("PAGE");
        asks->add_option("--type", why_.type, "What it is for: script, image, xmlhttprequest …")->type_name("TYPE");
        asks->add_option("--method", why_.method, "How it is asked: GET, POST …")->type_name("METHOD");
        profile(asks->add_option("--profile", why_.profile, "Judged by this profile"));
        asks->add_option("--device", why_.device, "Asked by this device")->type_name("DEVICE");
        asks->add_flag("--json", why_.json, "As JSON");

        auto* matches = command("match", "Judges recorded requests (JSON lines on stdin) by lists alone",
                                [this] { return match(match_); });
        matches->add_option("--list", match_.lists, "A list, plain or gzip")->required()->type_name("FILE");
        matches->add_flag("--time", match_.time,
                          "Load, memory and the time a decision takes (the least of five), as JSON on stderr");

        auto* decodes = command("decode", "What recorded requests told Meta (JSON lines on stdin, or a HAR)",
                                [this] { return decode(decode_); });
        decodes->add_option("--har", decode_.har, "A recording saved from a browser's developer tools")
            ->type_name("FILE");
    }

    void add_events()
    {
        auto* shows = command("events", "What was on its way to Meta", [this] { return events(place_, events_); });
        shows->add_flag("--follow", events_.follow, "From now on, as it happens");
        shows->add_flag("--json", events_.json, "One JSON object a line");
        shows->add_flag("--csv", events_.csv, "As CSV");
        shows->add_option("--device", events_.device, "An id, a name or an address")->type_name("DEVICE");
        shows->add_option("--site", events_.site, "A site, or a host")->type_name("SITE");
        since(shows->add_option("--since", events_.since));
        shows->add_option("--product", events_.product, "pixel, loader, app_events …")->type_name("PRODUCT");
        shows->add_option("--verdict", events_.verdict)
            ->check(CLI::IsMember({"allow", "log", "block", "answer"}))
            ->type_name("VERDICT");
        shows->add_option("--limit", events_.limit, "At most so many")
            ->check(CLI::Range(1u, 1'000'000'000u))
            ->type_name("N");

        auto* counts = command("stats", "Counts", [this] { return stats(place_, stats_); });
        since(counts->add_option("--since", stats_.since));
        counts->add_option("--by", stats_.by)
            ->check(CLI::IsMember({"hour", "day", "device", "site", "product", "verdict", "rule"}))
            ->type_name("KEY");
        counts->add_flag("--json", stats_.json, "As JSON");
    }

    void add_lists()
    {
        auto* shows = command("lists", "The lists", [this] { return lists(place_, json_); });
        json(shows);
        const auto below = [&](const char* name, const char* text, std::function<int()> action) {
            auto* sub = shows->add_subcommand(name, text);
            json(sub);
            sub->callback([this, action = std::move(action)] { list_action_ = action; });
            return sub;
        };
        const auto named = [&](CLI::App* sub) {
            sub->add_option("NAME", new_list_.name, "What it is called")->required();
        };
        below("update", "Reads settings and lists anew, fetches all subscribed ones, says what came",
              [this] { return update_lists(place_, json_); });
        auto* adds = below("add", "Subscribes to a list", [this] { return add_list(place_, new_list_, json_); });
        named(adds);
        adds->add_option("URL", new_list_.url, "Where it is: https://…")->required();
        adds->add_option("--category", new_list_.category, "A word for what it blocks")->type_name("WORD");
        adds->add_flag("--insecure", new_list_.insecure, "The address may be http://");
        named(below("remove", "Ends a subscription", [this] { return remove_list(place_, new_list_.name); }));
        named(below("on", "Puts a list in force", [this] { return switch_list(place_, new_list_.name, true, json_); }));
        named(below("off", "Keeps a list, but asks it no more",
                    [this] { return switch_list(place_, new_list_.name, false, json_); }));
        shows->require_subcommand(0, 1);
        // A command's callback comes behind that of the word below it.
        shows->callback([this] { action_ = list_action_ ? list_action_ : [this] { return lists(place_, json_); }; });
    }

    void add_devices()
    {
        json(command("devices", "The devices seen", [this] { return devices(place_, json_); }));
        auto* changes = command("device", "Shows or describes a device", [this] { return device(place_, device_); });
        changes->add_option("DEVICE", device_.device, "An id, a name or an address")->required();
        changes->add_option("--name", device_.name, "What it is called")->type_name("N");
        yes_no(changes->add_option("--meta-apps", device_.meta_apps, "Uses Meta's apps"));
        yes_no(changes->add_option("--facebook-login", device_.facebook_login, "Logs in with Facebook"));
        yes_no(changes->add_option("--browsers-only", device_.browsers_only, "Only its browsers are decrypted"));
        changes->add_option("--privacy", device_.privacy, "What is kept of it")
            ->check(CLI::IsMember({"counters", "events", "full"}))
            ->type_name("PRIVACY");
        changes->add_flag("--json", device_.json, "As JSON");

        auto* intercepts = command("intercept", "Decrypts Meta's hosts for a device, or no longer",
                                   [this] { return intercept(place_, device_.device, on_off_ == "on", json_); });
        intercepts->add_option("DEVICE", device_.device, "An id, a name or an address")->required();
        intercepts->add_option("SWITCH", on_off_)->required()->check(CLI::IsMember({"on", "off"}))->type_name("on|off");
        json(intercepts);
        auto* refusals = command("bypasses", "Apps that refused this home's certificate, and are left alone for a day",
                                 [this] { return bypasses(place_, bypasses_); });
        refusals->add_option("--remove", bypasses_.remove, "Ends one, so that it is tried again")->type_name("ID");
        refusals->add_flag("--json", bypasses_.json, "As JSON");

        auto* pauses = command("pause", "Lets everything pass for a while",
                               [this] { return pause(place_, device_.device, duration_); });
        pauses->add_option("--device", device_.device, "This device alone")->type_name("DEVICE");
        pauses->add_option("--for", duration_, "How long, as 10m; 0s ends a pause")->required()->type_name("DURATION");

        auto* profiles = command("profile", "Gives a device its profile", [this] { return device(place_, device_); });
        profiles->add_option("DEVICE", device_.device, "An id, a name or an address")->required();
        profile(profiles->add_option("PROFILE", device_.profile)->required());
        profiles->add_flag("--json", device_.json, "As JSON");
    }

    void add_exceptions()
    {
        auto* allows = command("allow", "Lets a site pass", [this] { return allow(place_, allow_); });
        allows->add_option("SITE", allow_.site, "A domain (shop.example) or a full host (connect.facebook.net)");
        allows->add_option("--device", allow_.device, "For this device alone")->type_name("DEVICE");
        allows->add_option("--for", allow_.duration, "For so long, as 10m")->type_name("DURATION");
        allows->add_flag("--list", allow_.list, "Shows the exceptions");
        allows->add_option("--remove", allow_.remove, "Removes one")->type_name("ID");
        allows->add_flag("--json", allow_.json, "As JSON");
    }

    void add_sites()
    {
        auto* shows =
            command("sites", "The sites that told Meta something", [this] { return sites(place_, since_, json_); });
        since(shows->add_option("--since", since_));
        json(shows);
        auto* changes =
            command("site", "Shows or changes what a site's pages get", [this] { return site(place_, site_); });
        changes->add_option("SITE", site_.site, "Its domain, such as shop.example")->required();
        changes->add_option("--mode", site_.mode, "In the place of Meta's script, where Paravent looks inside")
            ->check(CLI::IsMember({"report", "silent", "observe"}))
            ->type_name("MODE");
        yes_no(changes->add_option("--block-gateway", site_.block_gateway,
                                   "The hosts to which it repeats what it tells Meta; for every device"));
        changes->add_flag("--json", site_.json, "As JSON");
    }

    void add_data()
    {
        auto* forgets = command("forget", "Deletes events and counts", [this] { return forget(place_, forget_); });
        forgets->add_flag("--all", forget_.all, "Of everything");
        forgets->add_option("--device", forget_.device, "Of this device")->type_name("DEVICE");
        forgets->add_option("--site", forget_.site, "Of this site")->type_name("SITE");
        forgets->add_flag("--also-device", forget_.also_device, "Its name, addresses and answers as well");
        const auto with_file = [this](CLI::App* app, const char* passphrase) {
            app->add_option("FILE", backup_.file)->required();
            app->add_option("--passphrase-file", backup_.passphrase_file, passphrase)->type_name("FILE");
        };
        with_file(command("backup", "Statistics, policy and settings into one file",
                          [this] { return backup(place_, backup_); }),
                  "The authority as well, its keys encrypted by the passphrase in this file");
        auto* imports = command("import", "Takes in Meta's export: what companies told it about a person",
                                [this] { return import_files(place_, import_); });
        imports->add_option("FILE", import_.files, "What Meta gave: .zip (all its parts), .json or .html")->required();
        imports->add_option("--person", import_.person, "Whose it is; without it, the home's")->type_name("NAME");
        imports->add_flag("--json", import_.json, "As JSON");
        auto* joins = command("reconcile", "Meta's list beside what was seen here",
                              [this] { return reconcile(place_, reconcile_); });
        joins->add_option("--person", reconcile_.person, "Whose list")->type_name("NAME");
        joins->add_option("--import", reconcile_.import, "An older import of that person")->type_name("ID");
        joins->add_flag("--json", reconcile_.json, "As JSON");
        auto* mines = command("mine", "Was that mine? Takes an e-mail address (em) or a phone number (ph) on stdin",
                              [this] { return mine(place_, mine_); });
        mines->add_option("KIND", mine_.kind, "em or ph; without it: how much was given")->type_name("em|ph");
        mines->add_option("VALUE", mine_.extra)->group(""); // taken, so that no message of CLI11's repeats it
        mines->add_flag("--remove", mine_.remove, "Takes the value on stdin back; without one, all of that kind");
        auto* sets = command("password", "The dashboard's password, from the terminal or stdin",
                             [this] { return password(place_, code_); });
        sets->add_flag("--code", code_, "Shows the one-time code that sets the first one from another device");
        with_file(command("restore", "Puts a backup in force", [this] { return restore(place_, backup_); }),
                  "The backup's authority as well: the passphrase it was made with");
    }

    void add_authority()
    {
        using Action = Authority::Action;
        auto* all =
            command("authority", "The home's certificate authority", [this] { return authority(place_, authority_); });
        const auto add = [this, all](const char* name, const char* description, Action action) {
            auto* one = all->add_subcommand(name, description);
            one->parse_complete_callback([this, action] { authority_.action = action; });
            return one;
        };
        for (auto* makes :
             {add("create", "Makes it", Action::create), add("renew", "Makes a second one beside it", Action::renew)}) {
            makes->add_option("--keep-root", authority_.keep_root, "Keeps the root's key, encrypted, in a new file")
                ->type_name("FILE");
            makes->add_option("--passphrase-file", authority_.passphrase_file, "Its passphrase (else the terminal)")
                ->type_name("FILE");
        }
        add("show", "Fingerprint, what it may sign for, until when", Action::show);
        add("export", "Writes the root's certificate: PEM, DER for *.der and *.cer", Action::export_root)
            ->add_option("FILE", authority_.file)
            ->required();
        add("remove", "Forgets it, keys and all", Action::remove)
            ->add_option("--fingerprint", authority_.fingerprint, "Only the one whose fingerprint begins like this")
            ->type_name("F");
    }

    void add_system_proxy()
    {
        using Action = SystemProxy::Action;
        auto* sets = command("system-proxy", "This computer's own proxy setting: GNOME, KDE, and on request more",
                             [this] { return system_proxy(place_, system_proxy_); });
        sets->require_subcommand(1);
        const auto add = [&](const char* name, const char* text, Action action) {
            auto* sub = sets->add_subcommand(name, text);
            sub->callback([this, action] { system_proxy_.action = action; });
            return sub;
        };
        auto* on = add("on", "Sends programs to Paravent, by its automatic configuration file", Action::on);
        auto& asked = system_proxy_.asked;
        auto* all = on->add_flag("--all", asked.all, "Everything, not just the hosts that Paravent's own rules name");
        auto* fixed =
            on->add_flag("--fixed", asked.fixed, "The proxy's address in place of the file: no way around it");
        auto* shells =
            on->add_flag("--shells", asked.shells,
                         "Also the session's environment, which knows no way around it; not with a user's own service");
        auto* connections =
            on->add_flag("--network-manager", asked.network_manager, "Also the active connections of NetworkManager");
        auto* again = on->add_flag("--again", system_proxy_.again, "As it was before `off --for-now`");
        all->excludes(fixed);
        for (auto* other : {all, fixed, shells, connections})
            again->excludes(other);
        add("off", "Puts back what was there before", Action::off)
            ->add_flag("--for-now", system_proxy_.for_now, "Until `on --again`");
        add("show", "What each desktop has now", Action::show)->add_flag("--json", system_proxy_.json, "As JSON");
    }

    void add_network()
    {
        auto* records = command("dns-records", "Records for the home's name server that lead Meta's hosts to this box",
                                [this] { return dns_records(place_, dns_records_); });
        records->add_option("--for", dns_records_.dialect, "Whose: pihole, adguard, dnsmasq or unbound")
            ->required()
            ->check(CLI::IsMember({"pihole", "adguard", "dnsmasq", "unbound"}))
            ->type_name("PROGRAM");
        records->add_option("--address", dns_records_.addresses, "This box's address at home; once more for IPv6")
            ->required()
            ->type_name("A");

        using Action = Gateway::Action;
        auto* gateways = command("gateway", "Takes Meta's traffic out of what this computer forwards (nftables)",
                                 [this] { return gateway(place_, gateway_); });
        gateways->require_subcommand(1);
        const auto add = [this, gateways](const char* name, const char* description, Action action) {
            auto* one = gateways->add_subcommand(name, description);
            one->parse_complete_callback([this, action] { gateway_.action = action; });
            return one;
        };
        for (auto* app : {add("show", "The rules, and whether they are in force", Action::show),
                          add("on", "Puts them in force as long as this command runs", Action::on)})
            app->add_option("--device", gateway_.devices,
                            "All web traffic of this device, instead of everybody's to Meta")
                ->type_name("DEVICE");
        add("off", "Takes them back", Action::off);

        json(command("doctor", "What is good, what is not, and what to do", [this] { return doctor(place_, json_); }));
    }

    void json(CLI::App* app) { app->add_flag("--json", json_, "As JSON"); }
    static void since(CLI::Option* option)
    {
        option->description("Of the last hours or days, as 7d")->type_name("DURATION");
    }
    static void profile(CLI::Option* option)
    {
        option->check(CLI::IsMember({"off", "log", "standard", "strict"}))->type_name("PROFILE");
    }
    static void yes_no(CLI::Option* option) { option->check(CLI::IsMember({"yes", "no"}))->type_name("ANSWER"); }

    CLI::App app_;
    int (*run_service_)(const RunOptions&);
    std::function<int()> action_, list_action_;
    Place place_;
    bool json_ = false;
    bool code_ = false;
    std::string duration_, on_off_, since_;
    Backup backup_;
    Bypasses bypasses_;
    Events events_;
    Stats stats_;
    Device device_;
    Allow allow_;
    Site site_;
    Forget forget_;
    Mine mine_;
    ImportFiles import_;
    Reconcile reconcile_;
    Authority authority_;
    SystemProxy system_proxy_;
    Why why_;
    Match match_;
    Decode decode_;
    NewList new_list_;
    DnsRecords dns_records_;
    Gateway gateway_;
};

std::filesystem::path program_file(const char* argument)
{
    std::error_code error;
    const auto file = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error)
        return argument;
    // Where the file was replaced since the start: its name, which a newer version has.
    constexpr std::string_view gone = " (deleted)";
    const auto& name = file.native();
    return name.ends_with(gone) && !std::filesystem::exists(file, error) ? name.substr(0, name.size() - gone.size())
                                                                         : name;
}

} // namespace

int run_command_line(int argc, char** argv, int (*run_service)(const RunOptions&))
try {
    CommandLine line(program_file(argc > 0 ? argv[0] : "paravent"), run_service);
    return line.run(argc, argv);
} catch (const Failure& failure) {
    std::fprintf(stderr, "paravent: %s\n", failure.what());
    return failure.status;
} catch (const std::exception& error) {
    std::fprintf(stderr, "paravent: %s\n", dashboard::inert(error.what()).c_str());
    return failed;
}

} // namespace paravent::cli
