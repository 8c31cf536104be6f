#pragma once

#include "proxy/tls/openssl.hpp"

namespace paravent::tls {

/// What holds on both sides: TLS 1.2 and 1.3, ECDHE with AEAD, nothing older; buffers freed when idle; no
/// renegotiation, no compression. @throws LibraryError
Context make_context(const SSL_METHOD* method);

} // namespace paravent::tls
