#include "hub/http/message.hpp"

#include <nlohmann/json.hpp>

namespace espial::http {

Response error_response(unsigned status, station::Problem problem, std::string_view reason) {
  const nlohmann::json body = {{"code", station::code_of(problem)}, {"error", reason}};
  // "replace": the reason may quote what a client sent, and that need not be UTF-8.
  return json_response(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), status);
}

Response refusal_response(const Refusal& refusal) {
  switch (refusal.kind) {
    case Refusal::Kind::kUnknown:
      return error_response(404, refusal.problem, refusal.reason);
    case Refusal::Kind::kInvalid:
      return error_response(422, refusal.problem, refusal.reason);
    case Refusal::Kind::kUnavailable:
      return error_response(503, refusal.problem, refusal.reason);
  }
  return error_response(500, refusal.problem, refusal.reason);
}

Response too_much_under_way_response() {
  Response response = error_response(503, station::Problem::kTooManyPages,
                                     "Too much is on its way to others. Try again shortly.");
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

Response json_response(std::string json, unsigned status) {
  Response response;
  response.status = status;
  response.text = std::move(json);
  return response;
}

}  // namespace espial::http
