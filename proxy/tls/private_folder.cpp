#include "proxy/tls/private_folder.hpp"

#include <cerrno>
#include <sys/stat.h>

namespace paravent::tls {

boost::system::error_code make_private_folder(const std::filesystem::path& folder)
{
    const auto last_error = [] { return boost::system::error_code(errno, boost::system::system_category()); };
    std::error_code error;
    if (const auto parent = folder.parent_path(); !parent.empty() && !std::filesystem::exists(parent, error)) {
        std::filesystem::create_directories(parent, error);
        ::chmod(parent.c_str(), 0700);
    }
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return last_error();
    if (::chmod(folder.c_str(), 0700) != 0)
        return last_error();
    return {};
}

} // namespace paravent::tls
