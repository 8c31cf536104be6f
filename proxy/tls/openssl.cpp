#include "proxy/tls/openssl.hpp"

#include <openssl/err.h>

#include <array>
#include <system_error>

namespace paravent::tls {

std::string take_error()
{
    const auto code = ERR_get_error();
    ERR_clear_error();
    if (code == 0)
        return {};
    if (ERR_SYSTEM_ERROR(code)) // of the system's own errors it keeps the number alone
        return std::generic_category().message(ERR_GET_REASON(code));
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "error " + std::to_string(code);
}

LibraryError::LibraryError(std::string_view doing)
    : std::runtime_error("OpenSSL failed at " + std::string(doing) + ": " + take_error())
{
}

void require(bool ok, std::string_view doing)
{
    if (!ok)
        throw LibraryError(doing);
}

std::string_view bytes_of(BIO* bio) noexcept
{
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view{};
}

Bio secret_memory()
{
    Bio bio{BIO_new(BIO_s_secmem())};
    require(bio != nullptr, "making room for a key");
    return bio;
}

Bio reading_from(std::string_view bytes)
{
    Bio bio{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
    require(bio != nullptr, "reading from memory");
    return bio;
}

} // namespace paravent::tls
