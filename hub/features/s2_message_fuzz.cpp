#include "hub/features/s2_message.hpp"

/// The first byte chooses the topic. What is accepted must be written back to the same text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace espial::s2;
  constexpr std::string_view kTopics[] = {"state/join", "state/leave", "led/status",
                                          "button/status", "photoresistor/status"};
  if (size == 0) return 0;
  const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (const auto former = parse_former_names(payload)) {
    if (to_document(*former) != payload) __builtin_trap();
  }
  const auto result = parse(kTopics[data[0] % std::size(kTopics)], payload);
  const auto* message = std::get_if<Message>(&result);
  if (message == nullptr) return 0;
  if (const auto* status = std::get_if<Status>(message)) {
    const std::string again = std::string(status->credentials.name) + ";" +
                              std::string(status->credentials.session) + ";" +
                              std::to_string(status->value);
    if (again != payload) __builtin_trap();
  }
  SessionClock clock;
  clock.not_before(payload);
  if (clock.next(0).size() > kMaxSession) __builtin_trap();
  return 0;
}
