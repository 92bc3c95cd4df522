#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/coordinator/coordinator.hpp"
#include "core/wire/label_text.hpp"
#include "hub/features/commands.hpp"
#include "hub/store/documents.hpp"

namespace espial::features {

/// The network key in force, and while it is being changed the one before it.
struct NetworkKeyPair {
  Key key{};
  std::uint8_t generation = 0;
  std::optional<Key> former;
};

/// The policy of that name; see coordinator::to_text().
std::optional<coordinator::JoinPolicy> policy_of(std::string_view word);

/// Who may join a network, and whose keys are good: what people decide of it, kept in documents,
/// and told to the coordinator.
///
/// Documents of collection "keys" (each name begins with the server ID, `1/`):
///
///     1/admission           {"policy","modules","approved","refused","pairing_until"}
///     1/label/<mac>         the label's key, wrapped, in hexadecimal digits
///     1/renew/<mac>         {}: the module is to draw a new key, and has not yet
///
/// Revoked modules are the coordinator's own records; the network key is in the data directory.
/// One thread only; times are those of the hub's clocks.
class NetworkKeys {
 public:
  static constexpr std::size_t kMaxLabels = 1024;
  /// Labels asked for at once.
  static constexpr std::size_t kMaxLabelsAtOnce = 256;
  static constexpr std::uint32_t kMaxPairing_s = 24 * 3600;

  /// All of it outlives this.
  struct Ports {
    coordinator::Coordinator& role;
    store::Documents& documents;
    Crypto& crypto;
    Random& random;
    /// Writes the network's keys where the next start finds them. False: it could not.
    std::function<bool(const NetworkKeyPair&)> keep;
  };
  struct Settings {
    ServerId server;
    Key wrap_key{};
    NetworkKeyPair network;
    /// Goes before the policy that was kept.
    std::optional<coordinator::JoinPolicy> policy;
  };

  /// Why not; nothing when it was done. Called once, when what was decided is stored.
  using Done = std::function<void(std::optional<CommandRefusal>)>;
  using LabelsDone =
      std::function<void(std::optional<CommandRefusal>, const std::vector<wire::Label>&)>;

  NetworkKeys(const Settings& settings, Ports ports);

  /// Tells the coordinator what is kept. Once, after its nodes are restored.
  void restore();

  /// What is absent stays as it is.
  void set_admission(std::optional<coordinator::JoinPolicy> policy,
                     const std::optional<coordinator::ModuleList>& listed, const Done& done);
  /// New modules may join for so long from now on, also over a restart; 0 closes the window.
  void open_pairing(std::uint32_t seconds, const Done& done);
  void judge(const MacAddress& mac, coordinator::Verdict verdict, const Done& done);

  /// Draws a key for each module and registers it. All of them or none.
  void issue_labels(const std::vector<MacAddress>& macs, const LabelsDone& done);
  /// Registers what a label says that was printed elsewhere.
  void scan_label(std::string_view text, const LabelsDone& done);
  void remove_label(const MacAddress& mac, const Done& done);

  void revoke(const MacAddress& mac, const Done& done);
  void unrevoke(const MacAddress& mac, const Done& done);
  /// Brings a module to draw a new key, however long it is away, also over a restart.
  void renew(const MacAddress& mac, const Done& done);

  void begin_change(const Done& done);
  /// The former network key is refused from now on, whoever still has it.
  void end_change(const Done& done);

  /// A module has joined: what was kept for its first join is not needed any more.
  void joined(const MacAddress& mac);
  /// Ends a change of the network key that every module has followed, and what was wished of those
  /// that have done it. To be called now and then.
  void tick();

  /// Everything of this for pages and programs (`hub/http/openapi.yaml`, Keys), one line.
  std::string json() const;

 private:
  /// What a document says of admission.
  struct Admission {
    coordinator::JoinPolicy policy = coordinator::JoinPolicy::kWindow;
    coordinator::ModuleList listed{};
    std::int64_t pairing_until_ms = 0;
  };

  std::string name(std::string_view what) const;
  std::string label_name(const MacAddress& mac) const;
  std::string renewal_name(const MacAddress& mac) const;
  std::vector<MacAddress> renewals() const;
  void read_admission(const std::string& body);
  void read_label(std::string_view mac, const std::string& body);
  bool keep_admission(const Done& done);
  void tell_admission();
  void register_labels(const std::vector<wire::Label>& labels, const LabelsDone& done);
  bool keep_keys(const NetworkKeyPair& keys);
  void drop(const std::string& document);

  Settings settings_;
  Ports ports_;
  Admission admission_;
};

}  // namespace espial::features
