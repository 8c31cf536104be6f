#include "proxy/wire/head_lines.hpp"

#include "proxy/wire/characters.hpp"

#include <cstring>

namespace paravent::wire::http1 {
namespace {

void note_connection(std::string_view value, HeadFacts& facts)
{
    for_each_element(value, [&facts](std::string_view option) {
        ++facts.options;
        if (equals_lower(option, "close"))
            facts.close = true;
        else if (equals_lower(option, "keep-alive"))
            facts.keep_alive = true;
        else if (equals_lower(option, "upgrade"))
            facts.names_upgrade = true;
        return facts.options <= max_connection_options;
    });
}

/// Never standardised; its close and keep-alive count, nothing else does.
void note_proxy_connection(std::string_view value, HeadFacts& facts)
{
    for_each_element(value, [&facts](std::string_view option) {
        facts.close = facts.close || equals_lower(option, "close");
        facts.proxy_keep_alive = facts.proxy_keep_alive || equals_lower(option, "keep-alive");
        return true;
    });
}

void note(const Field& field, HeadFacts& facts)
{
    const std::string_view name = field.name;
    switch (name.size()) {
    case 2:
        if (equals_lower(name, "te"))
            for_each_element(field.value, [&facts](std::string_view coding) {
                facts.te_trailers = facts.te_trailers || equals_lower(coding, "trailers");
                return true;
            });
        break;
    case 4:
        if (equals_lower(name, "host")) {
            ++facts.hosts;
            facts.host = field.value;
        }
        break;
    case 6:
        if (equals_lower(name, "expect") && equals_lower(field.value, "100-continue"))
            facts.expect_continue = true;
        break;
    case 7:
        if (facts.upgrade.empty() && equals_lower(name, "upgrade"))
            facts.upgrade = field.value;
        break;
    case 10:
        if (equals_lower(name, "connection"))
            note_connection(field.value, facts);
        break;
    case 14:
        if (equals_lower(name, "content-length")) {
            ++facts.lengths;
            facts.length = field.value;
        }
        break;
    case 16:
        if (equals_lower(name, "proxy-connection"))
            note_proxy_connection(field.value, facts);
        break;
    case 17:
        if (equals_lower(name, "transfer-encoding")) {
            ++facts.codings;
            facts.coding = field.value;
        }
        break;
    default:
        break;
    }
}

} // namespace

result<std::size_t> HeadLines::find(std::string_view in, std::size_t most, Error malformed) noexcept
{
    in_ = in.substr(0, most);
    count_ = 0;
    std::size_t start = 0;
    while (start < in_.size()) {
        const void* found = std::memchr(in_.data() + start, '\n', in_.size() - start);
        if (found == nullptr)
            break;
        const auto lf = static_cast<std::size_t>(static_cast<const char*>(found) - in_.data());
        if (lf == start || in_[lf - 1] != '\r')
            return malformed;
        if (lf - start == 1)
            return lf + 1;
        if (count_ == ends_.size())
            return Error::too_many_fields;
        ends_[count_++] = static_cast<std::uint32_t>(lf);
        start = lf + 1;
    }
    if (in_.size() == most)
        return count_ == 0 ? Error::target_too_long : Error::head_too_large;
    return std::size_t{0};
}

std::string_view HeadLines::operator[](std::size_t i) const noexcept
{
    const std::size_t start = i == 0 ? 0 : ends_[i - 1] + std::size_t{1};
    return in_.substr(start, ends_[i] - 1 - start);
}

bool read_field(std::string_view line, Field& out) noexcept
{
    std::size_t colon = 0;
    while (colon < line.size() && is_token(line[colon]))
        ++colon;
    if (colon == 0 || colon == line.size() || line[colon] != ':')
        return false;
    out.name = line.substr(0, colon);
    out.value = trim(line.substr(colon + 1));
    return is_text(out.value);
}

bool read_fields(const HeadLines& lines, std::vector<Field>& fields, HeadFacts& facts)
{
    fields.reserve(lines.count());
    for (std::size_t i = 1; i < lines.count(); ++i) {
        Field field;
        if (!read_field(lines[i], field))
            return false;
        note(field, facts);
        fields.push_back(field);
    }
    return facts.options <= max_connection_options;
}

bool may_upgrade(std::string_view protocols) noexcept
{
    bool may = !protocols.empty();
    for_each_element(protocols, [&may](std::string_view protocol) {
        may = !starts_with_lower(protocol, "h2") && !starts_with_lower(protocol, "http/");
        return may;
    });
    return may;
}

} // namespace paravent::wire::http1
