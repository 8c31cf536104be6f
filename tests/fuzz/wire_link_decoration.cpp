#include "proxy/wire/link_decoration.hpp"
#include "proxy/wire/target.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace paravent::wire;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

/// Whether `part` is `whole` with some bytes left out.
bool is_left_of(std::string_view part, std::string_view whole)
{
    for (const char c : whole)
        if (!part.empty() && part.front() == c)
            part.remove_prefix(1);
    return part.empty();
}

} // namespace

/// What is cut is cut at once, and only cut; what a link leads to can stand in a reply's head.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    if (const auto clean = undecorated(in)) {
        require(clean->size() < in.size() && !undecorated(*clean) && is_left_of(*clean, in));
        require(clean->substr(std::min(clean->find('#'), clean->size())) ==
                in.substr(std::min(in.find('#'), in.size())));
    }
    for (const std::string_view host : {"l.facebook.com", "l.instagram.com"})
        if (const auto address = linked_address(host, in)) {
            require(address->size() <= max_linked_bytes && !undecorated(*address));
            require(std::all_of(address->begin(), address->end(), [](char c) { return c > ' ' && c < '\x7f'; }));
            const auto target = parse_target(*address, false);
            require(target.has_value() && target->form == Target::Form::absolute);
        }
    return 0;
}
