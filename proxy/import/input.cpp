#include "proxy/import/input.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <utility>

namespace paravent::imports {
namespace {

constexpr std::size_t block = 128 * 1024; ///< more than the tail

} // namespace

struct Input::Hash {
    Hash()
    {
        // Its settings file has no say here.
        OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
        context = EVP_MD_CTX_new();
        if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1)
            throw std::bad_alloc();
    }
    ~Hash() { EVP_MD_CTX_free(context); }
    Hash(const Hash&) = delete;
    Hash& operator=(const Hash&) = delete;
    EVP_MD_CTX* context = nullptr;
};

Input::Input(int fd) : fd_(fd), hash_(std::make_unique<Hash>()), buffer_(block), before_(block) {}

Input::~Input() = default;

std::string_view Input::next()
{
    if (std::exchange(again_, false))
        return {buffer_.data(), size_};
    if (error_ != 0)
        return {};
    // Filled whole, so that two buffers always hold the tail, however small the pieces are that a pipe gives.
    std::swap(buffer_, before_);
    const auto before_that = std::exchange(size_before_, std::exchange(size_, 0));
    while (size_ < buffer_.size()) {
        const ssize_t got = read(fd_, buffer_.data() + size_, buffer_.size() - size_);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            error_ = errno;
        if (got <= 0)
            break;
        size_ += static_cast<std::size_t>(got);
    }
    if (size_ == 0) { // the tail stays
        std::swap(buffer_, before_);
        size_ = std::exchange(size_before_, before_that);
        return {};
    }
    EVP_DigestUpdate(hash_->context, buffer_.data(), size_);
    bytes_ += size_;
    return {buffer_.data(), size_};
}

void Input::drain()
{
    while (!next().empty())
        continue;
}

std::string Input::tail() const
{
    std::string all(before_.data(), size_before_);
    all.append(buffer_.data(), size_);
    return all.substr(all.size() - std::min(all.size(), longest_tail));
}

std::string Input::sha256()
{
    constexpr char digits[] = "0123456789abcdef";
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(hash_->context, bytes.data(), &size);
    std::string hex;
    for (unsigned int i = 0; i < size; ++i)
        hex.append(1, digits[bytes[i] >> 4]).append(1, digits[bytes[i] & 15]);
    return hex;
}

} // namespace paravent::imports
