#include "hub/main/api_answers.hpp"

#include <utility>

namespace espial::main {

using station::Problem;

http::Response changed(std::string json, std::string action, std::string about, unsigned status) {
  http::Response response = http::json_response(std::move(json), status);
  response.audit = http::AuditNote{std::move(action), std::move(about)};
  return response;
}

http::Response wrong_method(const char* allowed) {
  http::Response response = http::error_response(
      405, Problem::kWrongMethod,
      std::string("This address does not take that method, only ") + allowed + ".");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

http::Response store_busy() {
  return http::error_response(503, Problem::kStoreBusy, "the hub can't store this now; try again");
}

http::Response not_there(std::string_view sentence) {
  return http::error_response(404, Problem::kNotFound, sentence);
}

http::Response not_possible(std::string_view sentence) {
  return http::error_response(422, Problem::kBadBody, sentence);
}

}  // namespace espial::main
