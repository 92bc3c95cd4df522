#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "hub/features/configuration/s0_file.hpp"
#include "hub/main/api_client.hpp"
#include "hub/main/commands.hpp"

namespace espial::main {
namespace {

struct ConfigureCommand {
  HubOption hub;
  std::string file;
  bool check = false;

  int run() const {
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream.good() && text.empty()) {
      std::fprintf(stderr, "espial: %s can't be read\n", file.c_str());
      return 1;
    }
    // Here and not only in the hub, so that the message names the file as it was given.
    const auto read = configuration::read_s0_file(text);
    if (const auto* error = std::get_if<configuration::FileError>(&read)) {
      std::fprintf(stderr, "%s\n", configuration::to_text(*error, file).c_str());
      return 1;
    }
    if (check) {
      for (const auto& skipped : std::get<configuration::S0File>(read).skipped) {
        std::printf("%s\n", configuration::to_text(skipped, file).c_str());
      }
      std::printf("%s is in order\n", file.c_str());
      return 0;
    }
    return send(std::filesystem::path(file).stem().string(), text);
  }

  /// The page has the file's name.
  int send(const std::string& page, const std::string& text) const {
    const auto answer =
        http::ask(hub.address(), "PUT", "/api/configuration/" + escape_path(page), text);
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    if (answer.status != 200 || !body.is_object()) {
      const bool said = body.is_object() && body.contains("error");
      const std::string why = said                 ? body["error"].get<std::string>()
                              : answer.status == 0 ? answer.error
                                                   : answer.body;
      std::fprintf(stderr, "espial: %s\n", why.c_str());
      return 1;
    }
    for (const auto& module : body.at("modules")) {
      std::printf("module %d: %d functions, %s\n", module.at("module").get<int>(),
                  module.at("functions").get<int>(),
                  module.at("device").is_string() ? "told" : "not there yet; it will be told");
    }
    for (const auto& skipped : body.at("skipped")) {
      const auto& nearest = skipped.at("nearest");
      const configuration::SkippedName one{
          skipped.at("line").get<std::size_t>(), skipped.at("name").get<std::string>(),
          nearest.is_string() ? nearest.get<std::string>() : std::string()};
      std::printf("%s\n", configuration::to_text(one, file).c_str());
    }
    for (const auto& dropped : body.at("dropped")) {
      std::printf("left out of the HTML of %s\n", dropped.get<std::string>().c_str());
    }
    if (const auto untold = body.value("untold", 0); untold > 0) {
      std::printf("the hub is busy: %d titles and modules will be told later\n", untold);
    }
    std::printf("page: /pages/%s\n", page.c_str());
    return 0;
  }
};

}  // namespace

void add_configure_command(CLI::App& app, int& exit_code) {
  auto* const command = app.add_subcommand(
      "configure", "Bring an S0 configuration file to the hub; the page gets the file's name");
  const auto options = std::make_shared<ConfigureCommand>();
  options->hub.add_to(*command);
  command->add_option("file", options->file, "The JSON file, in either of S0's forms")->required();
  command->add_flag("--check", options->check, "Only say whether it is in order");
  command->callback([options, &exit_code] { exit_code = options->run(); });
}

}  // namespace espial::main
