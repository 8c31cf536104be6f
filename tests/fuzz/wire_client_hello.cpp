#include "proxy/wire/client_hello.hpp"

#include <cstdint>
#include <cstdlib>

using namespace paravent::wire;
using Reading = ClientHelloReader::Reading;

namespace {

void require(bool holds)
{
    if (!holds)
        std::abort();
}

bool same(const ClientHello& a, const ClientHello& b)
{
    return a.server_name == b.server_name && a.alpn == b.alpn && a.highest_version == b.highest_version &&
           a.encrypted_client_hello == b.encrypted_client_hello && a.size == b.size;
}

} // namespace

/// However the bytes are cut, they say the same; and a hello is complete with its last byte, not before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view in(reinterpret_cast<const char*>(data), size);
    ClientHelloReader whole, bytewise;
    const auto reading = whole.read(in);
    auto other = Reading::need_more;
    std::size_t n = 0;
    for (; n < in.size() && other == Reading::need_more; ++n)
        other = bytewise.read(in.substr(0, n + 1));
    require(other == reading);
    if (reading != Reading::hello)
        return 0;
    require(whole.hello().size == n && n <= ClientHelloReader::most && same(whole.hello(), bytewise.hello()));
    require(whole.hello().alpn.find('\0') != 0);
    return 0;
}
