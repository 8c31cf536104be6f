#pragma once

#include <openssl/ssl.h>

namespace paravent::tls {

/// What an origin says about its own certificate's revocation (OCSP stapling, RFC 6066, section 8): 1 where it says
/// nothing, or "good" with a valid signature and date; 0 where it says anything else, and where its certificate
/// promises a staple (RFC 7633) and none came. OpenSSL calls it after it verified the chain.
int check_staple(SSL* ssl, void*);

} // namespace paravent::tls
