#include "proxy/tls/authority.hpp"

#include <cstdint>
#include <string_view>

/// A file of the state directory, whatever it holds: an authority, or a sentence about what is wrong.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    try {
        const auto authority = paravent::tls::Authority::from_text({reinterpret_cast<const char*>(data), size});
        (void)authority.text();
    } catch (const paravent::tls::AuthorityError&) {
    }
    return 0;
}
