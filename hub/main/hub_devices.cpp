#include "hub/main/hub_devices.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "hub/features/shown_records.hpp"
#include "hub/main/api_answers.hpp"
#include "hub/main/difference.hpp"
#include "ports/linux/clock.hpp"
#include "ports/linux/private_file.hpp"

namespace espial::main {
namespace {

using station::Problem;

/// Where the hours of a site are kept.
constexpr const char* kSites = "site";
constexpr const char* kDispoBoxSite = "dispobox";
/// Code of S1's answer while nobody listens for its nodes.
constexpr int kOff = -2;

/// The connection string; nothing when there is none to read.
std::optional<std::string> read_line(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line)) {
    if (!line.empty() && line[0] != '#') return line;
  }
  return std::nullopt;
}

}  // namespace

HubDevices::HubDevices(boost::asio::io_context& io, Options options, Ports ports)
    : io_(io),
      options_(std::move(options)),
      ports_(std::move(ports)),
      groups_(ports_.documents, ports_.command, [this] { ports_.on_list("groups"); }),
      alarms_(ports_.documents, ports_.site,
              {ports_.live,
               ports_.publish,
               [this] { ports_.on_list("alarms"); },
               monotonic_now,
               unix_now,
               {},
               options_.webhook_ca}),
      configuration_({ports_.live, ports_.documents, ports_.server, ports_.tell_s0,
                      ports_.tell_espial, ports_.keeps_to_it, ports_.on_relabelled, ports_.notes,
                      ports_.on_noted}) {}

HubDevices::~HubDevices() = default;

void HubDevices::restore(const store::Snapshot& snapshot) {
  if (!options_.dispobox.on) return;
  dispobox::DispoBox::Options options;
  options.address = options_.dispobox.address;
  options.port = options_.dispobox.port;
  if (const std::string* const stored = ports_.documents.find(kSites, kDispoBoxSite)) {
    auto calendar = dispobox::read_calendar(*stored);
    if (auto* read = std::get_if<dispobox::Calendar>(&calendar)) {
      options.calendar = std::move(*read);
    } else {
      spdlog::warn("DispoBox: the stored hours can't be used, the usual ones are: {}",
                   std::get<std::string>(calendar));
    }
  }
  if (!options_.dispobox.database_file.empty()) {
    options.database = read_line(options_.dispobox.database_file).value_or("");
  }
  dispobox_ = std::make_unique<dispobox::DispoBox>(
      io_, std::move(options),
      dispobox::DispoBox::Ports{ports_.live, ports_.committer, ports_.documents,
                                [] { return unix_now(); }});
  dispobox_->restore(snapshot);
}

std::optional<std::string> HubDevices::start() {
  if (!options_.webhook_ca.empty() && !std::ifstream(options_.webhook_ca)) {
    return "--webhook-ca: " + options_.webhook_ca + " can't be read";
  }
  if (!dispobox_) return std::nullopt;
  const std::string& file = options_.dispobox.database_file;
  if (!file.empty() && !read_line(file)) {
    return "--dispobox-database: " + file +
           " can't be read. Write one line into it: db=NAME user=NAME password=SECRET host=ADDRESS";
  }
  if (const auto problem = readable_by_others("login", file)) {
    return "--dispobox-database: " + *problem;
  }
  if (const auto error = dispobox_->start()) return error;
  spdlog::info("DispoBox: box nodes on {}:{}{}", options_.dispobox.address, dispobox_->port(),
               file.empty() ? "" : ", tables for S1's applications in the database of " + file);
  return std::nullopt;
}

void HubDevices::stop() {
  if (dispobox_) dispobox_->stop();
}

void HubDevices::serve(http::Server& server) {
  const auto at = [this](auto method) {
    return [this, method](const http::Request& request, const http::Target& target,
                          const http::Reply& reply) { (this->*method)(request, target, reply); };
  };
  // S1's applications know no login.
  server.serve({"dispobox"}, at(&HubDevices::answer_dispobox), http::Audience::kEverybody);
  server.serve({"api", "dispobox", "hours"}, at(&HubDevices::answer_hours));
  server.serve({"api", "replace"}, at(&HubDevices::answer_replace));
  server.serve({"api", "configuration"},
               [this](const auto& request, const auto& target, const auto& reply) {
                 configuration_.handle(request, target, reply);
               });
  server.serve({"pages"}, [this](const auto& request, const auto& target, const auto& reply) {
    configuration_.show_page(request, target, reply);
  });
  server.serve({"api", "groups"},
               [this](const auto& request, const auto& target, const auto& reply) {
                 groups_.handle(request, target, reply);
               });
  server.serve({"api", "alarms"},
               [this](const auto& request, const auto& target, const auto& reply) {
                 alarms_.handle(request, target, reply);
               });
}

void HubDevices::on_command(const features::CommandChange& change) {
  const station::Device* const device = ports_.live.find(change.device);
  if (device != nullptr) groups_.on_command(device->mac, change.command_id, change.state);
}

void HubDevices::on_connected() { alarms_.alarms().on_connected(); }

void HubDevices::tick() {
  alarms_.alarms().tick();
  configuration_.tick();
}

void HubDevices::answer_dispobox(const http::Request& request, const http::Target& target,
                                 const http::Reply& reply) const {
  if (request.method != "GET") return reply(wrong_method("GET"));
  if (!dispobox_) {
    return reply(http::json_response(
        dispobox::boxes_error_json(kOff, "DispoBox is off; start the hub with --dispobox")));
  }
  reply(http::json_response(dispobox_->answer(target.value("action").value_or(""))));
}

void HubDevices::answer_hours(const http::Request& request, const http::Target&,
                              const http::Reply& reply) {
  if (request.method != "GET" && request.method != "PUT") return reply(wrong_method("GET, PUT"));
  if (!dispobox_) {
    return reply(not_there("DispoBox is off; start the hub with --dispobox"));
  }
  if (request.method == "GET") {
    return reply(http::json_response(dispobox::write_calendar(dispobox_->calendar())));
  }
  auto read = dispobox::read_calendar(request.body);
  if (const auto* wrong = std::get_if<std::string>(&read)) {
    return reply(not_possible(*wrong));
  }
  auto& calendar = std::get<dispobox::Calendar>(read);
  std::string text = dispobox::write_calendar(calendar);
  const std::string about = difference(dispobox::write_calendar(dispobox_->calendar()), text);
  const bool taken = ports_.documents.put({kSites, kDispoBoxSite, text}, std::nullopt,
                                          [=] { reply(changed(text, "dispobox.hours", about)); });
  if (!taken) {
    return reply(
        http::error_response(503, Problem::kStoreBusy, "The hub can't store this now; try again."));
  }
  dispobox_->set_calendar(std::move(calendar));
}

bool HubDevices::renamed(station::DeviceId id) {
  if (dispobox_) return dispobox_->renamed(id);
  // Nobody listens for box nodes now; their boxes are shown all the same, and may get names.
  const station::Device* const device = ports_.live.find(id);
  return device != nullptr && ports_.committer.submit({{features::device_record(*device)}, {}});
}

std::optional<features::CommandRefusal> HubDevices::replace(features::Replacement wanted) {
  if (dispobox_) return dispobox_->replace(std::move(wanted));
  return features::CommandRefusal{true, Problem::kDeviceOffline,
                                  "DispoBox is off; start the hub with --dispobox"};
}

void HubDevices::forget(const station::Device& device) {
  if (dispobox_) dispobox_->forget(device.id);
  groups_.forgotten(device.mac);
  alarms_.forgotten(device.mac);
}

void HubDevices::collect(std::vector<http::Metric>& metrics) const {
  using Kind = http::Metric::Kind;
  const auto add = [&](const char* name, const char* help, Kind kind, std::uint64_t value,
                       std::vector<std::pair<std::string, std::string>> labels = {}) {
    metrics.push_back({name, help, kind, static_cast<double>(value), std::move(labels)});
  };
  const http::WebhookCounters hooks = alarms_.alarms().hooks();
  add("espial_alarm_hooks_delivered_total", "Webhooks taken", Kind::kCounter, hooks.delivered);
  add("espial_alarm_hooks_given_up_total", "Webhooks given up after their last try", Kind::kCounter,
      hooks.given_up);
  add("espial_alarm_hooks_certificates_refused_total",
      "Tries of webhooks that ended at a certificate", Kind::kCounter, hooks.certificates_refused);
  add("espial_alarm_hooks_dropped_total", "Webhooks dropped because too many waited",
      Kind::kCounter, hooks.dropped);
  add("espial_alarm_states_not_published_total", "States of alarms the broker did not take",
      Kind::kCounter, alarms_.alarms().not_published());
  add("espial_alarm_states_not_kept_total", "States of alarms the store did not take",
      Kind::kCounter, alarms_.alarms().not_kept());
  if (!dispobox_) return;
  const dispobox::DispoBox::Counters counters = dispobox_->counters();
  add("espial_dispobox_nodes", "Box nodes connected", Kind::kGauge, counters.connections);
  add("espial_dispobox_nodes_refused_total", "Box nodes for which there was no room",
      Kind::kCounter, counters.refused);
  add("espial_dispobox_questions_total", "Questions to box nodes", Kind::kCounter,
      counters.talk.questions);
  add("espial_dispobox_answers_total", "Answers understood", Kind::kCounter, counters.talk.answers);
  add("espial_dispobox_unanswered_total", "Questions without an answer", Kind::kCounter,
      counters.talk.unanswered);
  for (std::size_t i = 0; i < dispobox::kAnswerErrorCount; ++i) {
    add("espial_dispobox_refused_total", "Answers refused", Kind::kCounter,
        counters.talk.refused[i],
        {{"reason", std::string(dispobox::to_text(static_cast<dispobox::AnswerError>(i)))}});
  }
  add("espial_dispobox_displaced_total",
      "Samples of boards whose number is that of a box for which another board stands",
      Kind::kCounter, counters.displaced);
  add("espial_dispobox_not_stored_total", "Changes the store did not take", Kind::kCounter,
      counters.not_stored);
  add("espial_dispobox_rows_written_total", "Changes written to the applications' tables",
      Kind::kCounter, counters.tables.written);
  add("espial_dispobox_rows_refused_total",
      "Changes of which the applications' tables took only a part, or nothing", Kind::kCounter,
      counters.tables.refused);
  add("espial_dispobox_rows_dropped_total", "Changes dropped while their database was away",
      Kind::kCounter, counters.tables.dropped);
  add("espial_dispobox_rows_waiting", "Changes waiting for their database", Kind::kGauge,
      counters.tables.backlog);
}

}  // namespace espial::main
