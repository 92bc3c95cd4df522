#include "hub/main/configuration_bringing.hpp"

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "hub/main/api_client.hpp"
#include "hub/main/configuration_api.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/documents.hpp"
#include "ports/linux/clock.hpp"

namespace espial::main {
namespace {

std::string target_of(const ConfigurationFile& file) {
  return "/api/configuration/" + escape_path(file.page);
}

/// Prints what an answer tells, or returns what it complains of; `otherwise` where that is nothing.
std::optional<std::string> take_answer(const ConfigurationFile& file, unsigned status,
                                       const std::string& text, Telling telling,
                                       const std::string& otherwise) {
  const auto body = nlohmann::json::parse(text, nullptr, false);
  if (status == 200 && body.is_object()) {
    print_brought(file, body, telling);
    return std::nullopt;
  }
  const bool said = body.is_object() && body.contains("error");
  return said ? body["error"].get<std::string>() : otherwise;
}

/// A hub's part that takes configurations, with nobody there whom it could tell.
class StoppedHub {
 public:
  StoppedHub(store::Store& kept, std::vector<store::Document> stored, ServerId server)
      : committer_(kept, io_),
        documents_(committer_, std::move(stored)),
        api_({live_, documents_, server,
              // The hub that starts tells all modules that pages name, or that it owes something.
              [](ModuleId, const s0::ModuleConfiguration&) { return true; },
              [](station::DeviceId, const configuration::ModulePlan&) { return true; },
              [](station::DeviceId) { return false; }, [](std::string_view, std::string_view) {},
              notes_, [](station::DeviceId) {}}) {}

  /// The answer; nothing where the database fails. To be called once.
  std::optional<http::Response> put(const ConfigurationFile& file) {
    http::Request request;
    request.method = "PUT";
    request.target = target_of(file);
    request.body = file.text;
    std::optional<http::Response> answer;
    api_.handle(request, *http::parse_target(request.target),
                [&answer](http::Response response) { answer = std::move(response); });
    api_.tell_all_titles();
    committer_.stop();
    io_.run();
    return answer;
  }

 private:
  boost::asio::io_context io_;
  store::Committer committer_;
  store::Documents documents_;
  station::LiveState live_;
  station::FunctionNotes notes_;
  ConfigurationApi api_;
};

/// As for every change that its owner's commands make.
store::StoreError record(store::Store& kept, const http::AuditNote& note) {
  const store::Changes unit{store::AuditRecord{unix_now(), "local", note.action, note.about, ""}};
  const store::Changes* const units[] = {&unit};
  std::vector<std::size_t> refused;
  return kept.apply(units, refused);
}

}  // namespace

std::optional<std::string> tell_hub(const http::HubAddress& hub, const ConfigurationFile& file) {
  const auto answer = http::ask(hub, "PUT", target_of(file), file.text);
  return take_answer(file, answer.status, answer.body, Telling::kNow,
                     answer.status == 0 ? answer.error : answer.body);
}

std::optional<std::string> keep_for_hub(store::Store& kept, ServerId server,
                                        const ConfigurationFile& file) {
  store::Snapshot snapshot;
  if (const auto error = kept.load(snapshot); error != store::StoreError::none) {
    return std::string(to_text(error));
  }
  const auto answer = StoppedHub(kept, std::move(snapshot.documents), server).put(file);
  if (!answer) return "the database did not take it: " + kept.last_error_text();
  if (answer->audit) {
    const auto error = record(kept, *answer->audit);
    if (error != store::StoreError::none) return std::string(to_text(error));
  }
  return take_answer(file, answer->status, answer->text, Telling::kAtStart, answer->text);
}

}  // namespace espial::main
