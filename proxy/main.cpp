#include "proxy/service.hpp"
#include <cstring>
int main(int argc, char** argv)
{
    paravent::RunOptions o;
    o.program = argv[0];
    for (int i = 1; i + 1 < argc; ++i) {
        if (!std::strcmp(argv[i], "--config")) o.config = argv[i + 1];
        if (!std::strcmp(argv[i], "--state")) o.state = argv[i + 1];
    }
    return paravent::run_service(o);
}
