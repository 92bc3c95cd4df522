#pragma once

#include "hub/access/access_control.hpp"
#include "hub/access/direct_passwords_test.hpp"

namespace espial::http {

/// Numbers in a row in place of random bytes.
class CountingRandom final : public Random {
 public:
  void fill(MutableByteView out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

/// An access control that keeps nothing; whoever comes is trusted unless `login_required`.
struct TestAccess {
  explicit TestAccess(bool login_required = false) : control(ports(), options(login_required)) {
    control.set_local_secret("local");
  }

  access::AccessControl::Ports ports() {
    return {passwords, random, [this] { return now; },
            [this](const auto&, const std::optional<store::AuditRecord>& record) {
              if (record) audit.push_back(*record);
              return true;
            }};
  }
  static access::AccessControl::Options options(bool login_required) {
    access::AccessControl::Options options;
    options.login_required = login_required;
    return options;
  }

  access::DirectPasswords passwords;
  CountingRandom random;
  UnixTime now{1'700'000'000'000};
  std::vector<store::AuditRecord> audit;
  access::AccessControl control;
};

}  // namespace espial::http
