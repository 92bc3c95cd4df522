#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/base/ids.hpp"
#include "hub/features/configuration/s0_file.hpp"
#include "hub/features/s0_configuration.hpp"
#include "hub/http/handler.hpp"
#include "hub/store/documents.hpp"
#include "station/function_notes.hpp"
#include "station/live_state.hpp"

namespace espial::main {

/// What S0's server tells a module of what a file says of it.
s0::ModuleConfiguration to_s0(const configuration::ModulePlan& plan);

/// `/api/configuration` and `/pages`: S0's configuration files, one a page, kept as documents.
///
/// A file takes effect at once and again at every start: S0's modules are told by their server, and
/// Espial's modules with the same number are given titles, slots and interval as soon as they are
/// there. A module is told by one page; of two that name it, or a sensor, the first by name counts.
/// What a page named, and no page names any more, is taken back: labels, an S0 module's functions,
/// what an Espial module was told beyond its titles. What is still to be taken back outlives the
/// hub. What the store does not take at once is repeated until it does.
class ConfigurationApi final : public station::Observer {
 public:
  /// The collection of `store::Documents` that has the files as they came, by page.
  static constexpr const char* kPages = "configuration";
  /// Pages at most; another one is refused.
  static constexpr std::size_t kMaxPages = 64;
  /// Titles handed to the store at a time: readings need room there too.
  static constexpr std::size_t kMaxTitlesAtOnce = 1'000;

  /// All of it outlives this object. Each returns false when that can't be stored now.
  struct Ports {
    station::LiveState& live;
    store::Documents& documents;
    ServerId server;
    std::function<bool(ModuleId, const s0::ModuleConfiguration&)> tell_s0;
    std::function<bool(station::DeviceId, const configuration::ModulePlan&)> tell_espial;
    /// Whether an Espial module keeps to what it was told last, by its own word.
    std::function<bool(station::DeviceId)> keeps_to_it;
    /// A sensor that was called `before` is called `now`, or nothing any more.
    std::function<void(std::string_view before, std::string_view now)> on_relabelled;
    /// Limits, titles and units, and what is not to be stored.
    station::FunctionNotes& notes;
    std::function<void(station::DeviceId)> on_noted;
  };

  explicit ConfigurationApi(Ports ports);
  ~ConfigurationApi() override;

  void handle(const http::Request& request, const http::Target& target, const http::Reply& reply);
  /// A page as HTML, with the values as they are.
  void show_page(const http::Request& request, const http::Target& target,
                 const http::Reply& reply) const;
  /// Tells the modules that came or changed since, and what could not be told before. To be called
  /// about once a second.
  void tick();
  /// Hands the store all titles at once, as far as it takes them: where nothing else wants room
  /// there.
  void tell_all_titles();

 private:
  void on_change(const station::Change& change) override;
  void save(const std::string& page, const http::Request& request, const http::Reply& reply);
  void remove(const std::string& page, const http::Reply& reply);
  std::string list() const;
  std::string answer(const std::string& page) const;
  void apply_all(const configuration::S0File& before);
  void tell();
  /// @returns whether the store took what it was handed.
  bool tell_titles();
  void tell_s0();
  void tell_espial();
  void take_up_owed();
  bool owe(const configuration::S0File& before, const configuration::S0File& after);
  bool keep_owed(const std::set<std::uint8_t>& owed);
  void settle_owed();
  bool is_owed(ModuleId module) const;
  bool is_ours(const configuration::S0File& file) const;
  const configuration::S0File* file_for(ModuleId module) const;
  const configuration::ModulePlan* plan_for(ModuleId module) const;
  void note(const station::Device& device);
  std::string card(const configuration::S0File& file, const station::Device& device,
                   const configuration::FunctionPlan& function) const;

  Ports ports_;
  std::map<std::string, configuration::S0File, std::less<>> pages_;
  std::map<std::string, std::string> untold_titles_;  ///< by a sensor's address
  std::set<std::uint8_t> untold_s0_;                  ///< numbers of modules
  std::set<station::DeviceId> untold_;
  std::set<station::DeviceId> taken_back_;  ///< of those: no page names them any more
  /// Numbers of modules from which something is to be taken back still; kept as a document.
  std::set<std::uint8_t> owed_;
  bool observing_ = false;
};

}  // namespace espial::main
