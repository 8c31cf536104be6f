#include "proxy/steering/records.hpp"

#include <array>
#include <utility>
#include <vector>

namespace paravent::steering {
namespace {

constexpr std::array<std::pair<Dialect, std::string_view>, 4> dialects{{{Dialect::pihole, "pihole"},
                                                                        {Dialect::adguard, "adguard"},
                                                                        {Dialect::dnsmasq, "dnsmasq"},
                                                                        {Dialect::unbound, "unbound"}}};
/// Seconds; so that what is undone is forgotten soon.
constexpr std::string_view ttl = "60";

/// Where the file belongs and how it goes, a line each.
std::vector<std::string> instructions(Dialect dialect)
{
    switch (dialect) {
    case Dialect::pihole:
        return {
            "Where:  save this as /etc/dnsmasq.d/10-paravent.conf, let Pi-hole 6 read that folder by",
            "            pihole-FTL --config misc.etc_dnsmasq_d true",
            "        and start it anew: systemctl restart pihole-FTL",
            "Undo:   delete the file and start Pi-hole anew.",
            "What Pi-hole's own lists block stays blocked, and is not seen by Paravent: allow it there if you want to "
            "see it here."};
    case Dialect::adguard:
        return {
            "Where:  Filters, Custom filtering rules: paste these lines, Apply. (Or keep them in a file that is added "
            "under DNS blocklists.)",
            "Undo:   delete the lines, Apply. Devices ask anew within seconds.",
            "AdGuard Home 0.107.3 or newer. \"|\" and \"^\" hold the name at both ends: nothing below it is meant."};
    case Dialect::dnsmasq:
        return {"Where:  save this as /etc/dnsmasq.d/paravent.conf, then systemctl restart dnsmasq",
                "Undo:   delete the file, then systemctl restart dnsmasq"};
    case Dialect::unbound:
        break;
    }
    return {"Where:  save this as /etc/unbound/unbound.conf.d/paravent.conf, then systemctl restart unbound",
            "Undo:   delete the file, then systemctl restart unbound"};
}

std::string quoted(const std::string& address, std::string_view port)
{
    const bool v6 = address.find(':') != std::string::npos;
    return (v6 ? "\"[" + address + "]:" : "\"" + address + ":") + std::string(port) + "\"";
}

/// The `[proxy] steered` that goes with the records.
std::string steered(const BoxAddresses& box)
{
    std::string list;
    for (const auto* address : {&box.v4, &box.v6})
        if (!address->empty())
            for (const auto port : {"443", "80"})
                list += (list.empty() ? "" : ", ") + quoted(*address, port);
    return "steered = [" + list + "]";
}

std::string answers(const BoxAddresses& box)
{
    if (box.v4.empty())
        return "AAAA " + box.v6 + "; A";
    if (box.v6.empty())
        return "A " + box.v4 + "; AAAA";
    return "A " + box.v4 + ", AAAA " + box.v6 + "; HTTPS";
}

std::string head(Dialect dialect, const BoxAddresses& box)
{
    std::vector<std::string> lines{"Made by `paravent dns-records --for " + std::string(name_of(dialect)) +
                                       "`: the hosts of Meta's that Paravent has to see, led to this box.",
                                   "Each name is answered by " + answers(box) +
                                       " and all other kinds of records empty, so that no device goes round the box.",
                                   "Names below these are not touched."};
    for (auto& line : instructions(dialect))
        lines.push_back(std::move(line));
    lines.insert(lines.end(),
                 {"Before: Paravent itself must ask another name server than this one, or it finds itself. In "
                  "paravent.toml:",
                  "            [resolver]", "            servers = [\"9.9.9.9\"]", "            [proxy]",
                  "            " + steered(box)});
    const std::string mark = dialect == Dialect::adguard ? "! " : "# ";
    std::string text;
    for (const auto& line : lines)
        text += mark + line + "\n";
    return text;
}

/// `local` keeps every question for a name here that host-record has no answer to; the line behind it lets go of what
/// lies below the name, which `local` would take along.
void add_dnsmasq(std::string& out, const std::string& name, const BoxAddresses& box)
{
    const std::string addresses = (box.v4.empty() ? "" : "," + box.v4) + (box.v6.empty() ? "" : "," + box.v6);
    out += "host-record=" + name + addresses + "," + std::string(ttl) + "\n";
    out += "local=/" + name + "/\nserver=/*." + name + "/#\n";
}

void add_adguard(std::string& out, const std::string& name, const BoxAddresses& box)
{
    // A rewrite with an answer of one kind answers all other kinds empty.
    if (!box.v4.empty())
        out += "|" + name + "^$dnsrewrite=NOERROR;A;" + box.v4 + "\n";
    if (!box.v6.empty())
        out += "|" + name + "^$dnsrewrite=NOERROR;AAAA;" + box.v6 + "\n";
}

/// In a transparent zone other kinds of records of a name with data are answered empty, other names resolved as ever.
void add_unbound(std::string& out, const std::string& name, const BoxAddresses& box)
{
    const auto data = [&](std::string_view kind, const std::string& address) {
        if (!address.empty())
            out += "    local-data: \"" + name + ". " + std::string(ttl) + " IN " + std::string(kind) + " " + address +
                   "\"\n";
    };
    out += "    local-zone: \"" + name + ".\" transparent\n";
    data("A", box.v4);
    data("AAAA", box.v6);
}

} // namespace

std::string_view name_of(Dialect dialect) noexcept
{
    return dialects[static_cast<std::size_t>(dialect)].second;
}

std::optional<Dialect> dialect_named(std::string_view name) noexcept
{
    for (const auto& [dialect, own] : dialects)
        if (own == name)
            return dialect;
    return std::nullopt;
}

std::string records(Dialect dialect, std::span<const std::string> names, const BoxAddresses& box)
{
    std::string out = head(dialect, box) + "\n";
    switch (dialect) {
    case Dialect::pihole:
    case Dialect::dnsmasq:
        // The first name of an address is what a question for the address's name is answered with: not one of Meta's.
        out += "host-record=paravent" + (box.v4.empty() ? "" : "," + box.v4) + (box.v6.empty() ? "" : "," + box.v6) +
               "," + std::string(ttl) + "\n";
        for (const auto& name : names)
            add_dnsmasq(out, name, box);
        break;
    case Dialect::adguard:
        for (const auto& name : names)
            add_adguard(out, name, box);
        break;
    case Dialect::unbound:
        out += "server:\n";
        for (const auto& name : names)
            add_unbound(out, name, box);
        break;
    }
    return out;
}

} // namespace paravent::steering
