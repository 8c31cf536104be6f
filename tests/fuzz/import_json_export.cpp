#include "proxy/import/json_export.hpp"

#include <cstdint>
#include <cstdlib>

using namespace paravent;

/// Read whole and in pieces it comes to the same, and each row is one that the service takes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::string said[2];
    for (const bool whole : {true, false}) {
        const std::size_t step = whole ? text.size() + 1 : data[0] % 16 + 1u;
        imports::Summing sums;
        imports::JsonExport json(sums);
        imports::Problem problem;
        for (std::size_t at = 0; at < text.size() && problem.empty(); at += step)
            problem = json.read(text.substr(at, step));
        if (problem.empty())
            problem = json.end();
        auto& lines = said[whole ? 0 : 1];
        lines = problem.empty() ? "good\n" : "bad\n"; // where a fault lies may be told otherwise
        sums.finish();
        for (std::size_t i = 0; i < sums.rows(); ++i) {
            const auto row = sums.row(i);
            const auto line = activity::line_of(row);
            const auto again = activity::read_row(line);
            if (!again || *again != row)
                std::abort();
            if (problem.empty())
                lines += line;
        }
    }
    if (said[0] != said[1])
        std::abort();
    return 0;
}
