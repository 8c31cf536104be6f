#include "proxy/tls/error.hpp"

#include <boost/system/error_category.hpp>

#include <string>

namespace paravent::tls {
namespace {

class TlsCategory final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "tls"; }

    std::string message(int value) const override { return sentence(static_cast<Error>(value)); }

private:
    static const char* sentence(Error error) noexcept
    {
        switch (error) {
        case Error::clock_before_build:
            return "the clock stands before the day this program was built, so no certificate is made";
        case Error::outside_names:
            return "the authority may not sign for this name";
        case Error::not_valid_now:
            return "the authority is not valid today; `paravent authority renew` makes a second one";
        case Error::library:
            return "OpenSSL could not make a certificate";
        }
        return "no certificate was made";
    }
};

} // namespace

boost::system::error_code make_error_code(Error error) noexcept
{
    static const TlsCategory category;
    return {static_cast<int>(error), category};
}

} // namespace paravent::tls
