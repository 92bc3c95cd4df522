#pragma once

#include <memory>
#include <string>

#include "core/port/random.hpp"
#include "hub/access/access_control.hpp"
#include "hub/access/password_work.hpp"
#include "hub/main/data_directory.hpp"
#include "hub/store/committer.hpp"
#include "hub/store/documents.hpp"

namespace espial::main {

/// The hub's access control with its memory, which is the database, and its thread for passwords.
class HubAccess {
 public:
  struct Parts {
    boost::asio::io_context& io;
    store::Documents& documents;
    store::Committer& committer;
    Random& random;
    const DataDirectory& data;
  };

  /// Takes up what the database knows, and leaves the secret for this machine's owner in the data
  /// directory.
  /// @throws DataDirectoryError
  HubAccess(const Parts& parts, bool login_required);

  access::AccessControl& control() { return control_; }
  /// The secret of a new setup link while nobody can log in; empty otherwise.
  std::string open_setup_if_needed();

 private:
  static bool keep(const Parts& parts, const std::vector<store::Document>& documents,
                   const std::optional<store::AuditRecord>& record);

  access::PasswordWorker passwords_;
  access::AccessControl control_;
};

}  // namespace espial::main
