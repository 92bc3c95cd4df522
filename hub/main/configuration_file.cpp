#include "hub/main/configuration_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "hub/store/changes.hpp"

namespace espial::main {
namespace {

constexpr std::size_t kMaxBytes = store::kMaxDocumentBytes;

/// The first `limit` bytes; nothing where it can't be read. Opened once: it may be a pipe.
std::optional<std::string> read_start(const std::string& file, std::size_t limit) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(limit, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.gcount() == 0 && !stream.eof())) return std::nullopt;
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

/// Without the blanks in front, and those behind the first bracket.
bool begins_as_day_file(const std::string& text) {
  std::string start;
  for (const unsigned char c : text) {
    if (std::isspace(c) == 0) start += static_cast<char>(c);
    if (start.size() == std::string_view(R"({"Data":)").size()) break;
  }
  return start == R"({"Data":)";
}

/// By whom, or when, a module is told.
const char* told(const nlohmann::json& module, Telling telling) {
  if (telling == Telling::kAtStart) return "told as soon as the hub runs";
  return module.at("device").is_string() ? "told" : "not there yet; it will be told";
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// "2 modules, 1 kind, 3 labels": what a file has of each part.
std::string parts_of(const configuration::S0File& file) {
  return counted(file.modules.size(), "module", "modules") + ", " +
         counted(file.kinds.size(), "kind", "kinds") + ", " +
         counted(file.templates.size(), "HTML", "HTMLs") + ", " +
         counted(file.titles.size(), "label", "labels");
}

}  // namespace

bool is_configuration_file(const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) return false;
  const std::string text = read_start(file, kMaxBytes).value_or("");
  if (begins_as_day_file(text)) return false;
  // S0's day files end in .JSN.
  if (std::filesystem::path(file).extension() == ".json") return true;
  constexpr std::array kParts = {R"("Peers")", R"("Struct")", R"("DataTypes")", R"("HTMLs")",
                                 R"("Titles")"};
  return text.find(R"("Data")") == std::string::npos &&
         std::any_of(kParts.begin(), kParts.end(),
                     [&text](const char* part) { return text.find(part) != std::string::npos; });
}

std::variant<ConfigurationFile, std::string> read_configuration_file(const std::string& file) {
  auto text = read_start(file, kMaxBytes + 1);
  if (!text) return file + " can't be read";
  ConfigurationFile found;
  found.file = file;
  found.page = std::filesystem::path(file).stem().string();
  found.text = *std::move(text);
  if (found.text.size() > kMaxBytes) {
    return fmt::format(
        "{} is too long: a hub takes files of at most {} bytes; write some of it "
        "in another file",
        file, kMaxBytes);
  }
  auto read = configuration::read_s0_file(found.text);
  if (const auto* error = std::get_if<configuration::FileError>(&read)) {
    return configuration::to_text(*error, file);
  }
  found.read = std::move(std::get<configuration::S0File>(read));
  return found;
}

void print_brought(const ConfigurationFile& brought, const nlohmann::json& answer,
                   Telling telling) {
  for (const auto& module : answer.at("modules")) {
    std::printf("module %d: %d functions, %s\n", module.at("module").get<int>(),
                module.at("functions").get<int>(), told(module, telling));
  }
  for (const auto& skipped : answer.at("skipped")) {
    const auto& nearest = skipped.at("nearest");
    const configuration::SkippedName one{
        skipped.at("line").get<std::size_t>(), skipped.at("name").get<std::string>(),
        nearest.is_string() ? nearest.get<std::string>() : std::string()};
    std::printf("%s\n", configuration::to_text(one, brought.file).c_str());
  }
  for (const auto& dropped : answer.at("dropped")) {
    std::printf("left out of the HTML of %s\n", dropped.get<std::string>().c_str());
  }
  if (const auto untold = answer.value("untold", 0); untold > 0) {
    std::printf("the hub is busy: %d titles and modules will be told later\n", untold);
  }
  std::printf("%s: %s brought, %zu left out\npage: /pages/%s\n", brought.file.c_str(),
              parts_of(brought.read).c_str(),
              answer.at("skipped").size() + answer.at("dropped").size(), brought.page.c_str());
}

void print_checked(const ConfigurationFile& checked) {
  for (const auto& skipped : checked.read.skipped) {
    std::printf("%s\n", configuration::to_text(skipped, checked.file).c_str());
  }
  std::printf("%s is in order: %s\n", checked.file.c_str(), parts_of(checked.read).c_str());
}

}  // namespace espial::main
