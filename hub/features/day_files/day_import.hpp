#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/wire/s0.hpp"
#include "hub/features/day_files/day_file.hpp"
#include "hub/store/store.hpp"

namespace espial::day_files {

/// What of a file is brought to the store, and what is not.
struct ImportedFile {
  store::StoreError error = store::StoreError::none;
  bool is_day_file = true;               ///< otherwise: there is nothing else to say of it
  std::vector<store::Reading> readings;  ///< those that are not in the store
  std::uint64_t there_already = 0;
};

/// Turns the values of day files into readings of the modules that they are of: by the number of
/// the module, and by the function's number in the module's configuration. A value that is in the
/// store already is left out, so a file may be brought twice.
class DayImport {
 public:
  /// Told of everything that is left out, and why, in words.
  using Skip = std::function<void(std::size_t line, const std::string& why)>;

  /// @param zone  of the server's clock; empty: this machine's.
  /// @throws std::runtime_error when there is no such zone.
  DayImport(const store::Snapshot& snapshot, store::Reader& reader, ServerId server,
            const std::string& zone);

  /// What stands in a module's slots, in place of what the hub has been told.
  void set_functions(ModuleId module, const s0::Functions& functions);

  ImportedFile read(std::string_view text, const Skip& skip);

 private:
  struct Place {
    store::DeviceId device{};
    std::uint8_t slot = 0;
    std::uint8_t field = 0;
    std::string problem;  ///< why there is none
  };
  Place place_of(const LoggedValue& value) const;
  void leave_out_known(ImportedFile& file);

  store::Reader& reader_;
  const std::string zone_;
  std::map<std::uint8_t, store::DeviceId> devices_;  // by module
  std::map<std::uint8_t, s0::Functions> functions_;  // by module
};

}  // namespace espial::day_files
