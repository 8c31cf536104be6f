#include "proxy/cli/commands.hpp"
#include "proxy/run_service.hpp"

int main(int argc, char** argv)
{
    return paravent::cli::run_command_line(argc, argv, paravent::run_service);
}
