#include "hub/tls/validity.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace espial::tls {

std::optional<UnixTime> end_of_certificate(const std::filesystem::path& file) {
  constexpr std::int64_t kDay_s = 86'400;
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_file(file.c_str(), "r"), BIO_free);
  if (!in) return std::nullopt;
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> origin(ASN1_TIME_set(nullptr, 0),
                                                                     ASN1_TIME_free);
  int days = 0;
  int seconds = 0;
  if (!certificate || !origin ||
      ASN1_TIME_diff(&days, &seconds, origin.get(), X509_get0_notAfter(certificate.get())) != 1) {
    return std::nullopt;
  }
  return UnixTime{(days * kDay_s + seconds) * 1000};
}

}  // namespace espial::tls
