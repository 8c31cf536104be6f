#include "proxy/lists/fetch_message.hpp"

#include <cassert>
#include <cstdint>

using namespace paravent::lists;

/// What the helper program says, which has read what strangers sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::size_t length = 0;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto reply = read_reply(text, length)) {
        assert(length <= size && length <= largest_message && reply->length <= largest_fetched);
        for (const char c : reply->error)
            assert(c >= 0x20 && c < 0x7f);
        std::size_t again = 0;
        assert(length == 0 || read_reply(text_of(*reply), again).has_value());
    }
    (void)read_request(text, length);
    return 0;
}
