#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hub/http/host_port.hpp"

namespace CLI {
class App;
}
namespace boost::asio {
class io_context;
}

/// The subcommands of `espial`, one file each.
namespace espial::main {

/// Each adds its subcommand to `app`. The command runs inside CLI11's parse and leaves its exit
/// code in `exit_code`.
void add_up_command(CLI::App& app, int& exit_code);
void add_hub_command(CLI::App& app, int& exit_code);
void add_gateway_command(CLI::App& app, int& exit_code);
void add_node_command(CLI::App& app, int& exit_code);
void add_house_command(CLI::App& app, int& exit_code);
void add_box_command(CLI::App& app, int& exit_code);
void add_hours_command(CLI::App& app, int& exit_code);
void add_air_command(CLI::App& app, int& exit_code);
void add_sim_command(CLI::App& app, int& exit_code);
void add_devices_command(CLI::App& app, int& exit_code);
void add_watch_command(CLI::App& app, int& exit_code);
void add_restart_command(CLI::App& app, int& exit_code);
void add_set_command(CLI::App& app, int& exit_code);
/// pair, label, revoke, key
void add_keys_commands(CLI::App& app, int& exit_code);
void add_backup_commands(CLI::App& app, int& exit_code);
void add_export_command(CLI::App& app, int& exit_code);
void add_import_command(CLI::App& app, int& exit_code);
void add_doctor_command(CLI::App& app, int& exit_code);
void add_trace_command(CLI::App& app, int& exit_code);
void add_configure_command(CLI::App& app, int& exit_code);
void add_group_command(CLI::App& app, int& exit_code);
void add_alarm_command(CLI::App& app, int& exit_code);
void add_replace_command(CLI::App& app, int& exit_code);
void add_forget_command(CLI::App& app, int& exit_code);
void add_account_command(CLI::App& app, int& exit_code);
void add_token_command(CLI::App& app, int& exit_code);
void add_application_command(CLI::App& app, int& exit_code);
void add_tls_command(CLI::App& app, int& exit_code);
void add_audit_command(CLI::App& app, int& exit_code);

/// Where `./run` and every command look for their data by default.
inline constexpr const char* kDefaultData = "espial-data";

/// Runs the loop until it is dry. The first SIGINT or SIGTERM calls `stop`; a second one ends the
/// program at once.
void run_until_stopped(boost::asio::io_context& io, const std::function<void()>& stop);

/// What http::parse_host_port reads.
/// @throws CLI::ValidationError with a sentence about `option`.
http::HostPort parse_endpoint(const std::string& text, std::uint16_t default_port,
                              const std::string& option);

}  // namespace espial::main
