#pragma once

#include "proxy/tls/authorities.hpp"
#include "proxy/tls/leaf.hpp"
#include "proxy/tls/signing.hpp"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>

namespace paravent::tls {

/// A moment at which this program has existed for a while.
inline const Seconds today = built_at() + 200 * day;
inline const std::vector<std::string> box_names{"paravent.local"};

inline std::shared_ptr<const Authority> an_authority(Seconds now = today)
{
    return Founding(box_names, now).authority;
}

/// A state directory that goes with the test.
class StateFolder {
public:
    StateFolder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "paravent-tls-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~StateFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    StateFolder(const StateFolder&) = delete;
    StateFolder& operator=(const StateFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// What OpenSSL says to a chain: "ok", or the reason.
inline std::string verdict_on(X509* leaf, X509* intermediate, X509* root, Seconds now,
                              int purpose = X509_PURPOSE_SSL_SERVER)
{
    const std::unique_ptr<X509_STORE, Release<X509_STORE_free>> store{X509_STORE_new()};
    const std::unique_ptr<X509_STORE_CTX, Release<X509_STORE_CTX_free>> context{X509_STORE_CTX_new()};
    X509_STORE_add_cert(store.get(), root);
    auto* untrusted = sk_X509_new_null();
    sk_X509_push(untrusted, intermediate);
    X509_STORE_CTX_init(context.get(), store.get(), leaf, untrusted);
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    auto* parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(parameters, now);
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
    X509_VERIFY_PARAM_set_auth_level(parameters, 2);
    X509_verify_cert(context.get());
    sk_X509_free(untrusted);
    return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

} // namespace paravent::tls
