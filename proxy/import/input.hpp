#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace paravent::imports {

/// What comes from a descriptor, once and from the beginning to the end, with the SHA-256 of all of it.
class Input {
public:
    /// OpenSSL makes itself ready here, which reads files: before the program gives up its rights.
    explicit Input(int fd);
    ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    /// The next bytes, good until the next call; empty at the end or where reading failed.
    std::string_view next();
    /// Gives the bytes that came last once more: to look at what it is.
    void again() noexcept { again_ = true; }
    /// Takes what is left, to its end.
    void drain();
    bool failed() const noexcept { return error_ != 0; }
    int error() const noexcept { return error_; }
    std::uint64_t bytes() const noexcept { return bytes_; }
    /// The last bytes, at most `longest_tail`, of what has come.
    std::string tail() const;
    /// Hex, of all that has come; may be asked once.
    std::string sha256();

    static constexpr std::size_t longest_tail = 65'536 + 22; ///< a zip's end with the longest comment

private:
    struct Hash;
    int fd_;
    std::unique_ptr<Hash> hash_;
    std::vector<char> buffer_, before_; ///< two, so that the tail is there whole
    std::size_t size_ = 0, size_before_ = 0;
    std::uint64_t bytes_ = 0;
    int error_ = 0;
    bool again_ = false;
};

} // namespace paravent::imports
