#pragma once

#include <functional>
#include <memory>

#include "core/base/time.hpp"

namespace boost::asio {
class io_context;
}

namespace espial {

/// The one timer of a role: the role says when it wants to be called, this calls it then.
class RoleTimer {
 public:
  RoleTimer(boost::asio::io_context& io, std::function<void(Instant now)> on_timer);
  ~RoleTimer();

  /// To be called after every call into the role, with its next_timer(). kNever disarms.
  void arm(Instant next);

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace espial
