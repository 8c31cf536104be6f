#include "proxy/tls/origin_side.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

/// An origin that says what it is given, and takes what it is told.
class Said final : public paravent::tls::Transport {
public:
    explicit Said(std::string_view bytes) : left_(bytes) {}
    boost::system::result<std::size_t> take(std::span<char> into) noexcept override
    {
        const auto n = left_.copy(into.data(), into.size());
        left_.remove_prefix(n);
        return n;
    }
    boost::system::result<std::size_t> give(std::string_view bytes) noexcept override { return bytes.size(); }

private:
    std::string_view left_;
};

} // namespace

/// Whatever an origin answers to a hello, nobody is taken for the bank without a certificate of the bank's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using Outcome = paravent::tls::Session::Outcome;
    static paravent::tls::OriginSide side{{}};
    Said origin({reinterpret_cast<const char*>(data), size});
    const auto session = side.session("d1", "www.facebook.com", "\x02h2", origin, 1'800'000'000);
    if (!session || (*session)->handshake() == Outcome::done)
        std::abort();
    return 0;
}
