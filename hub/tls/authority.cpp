#include "hub/tls/authority.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "ports/linux/private_file.hpp"

namespace espial::tls {
namespace {

namespace fs = std::filesystem;

constexpr int kAuthorityDays = 3653;
/// What browsers believe of a certificate at most is 398 days.
constexpr int kServerDays = 397;
constexpr long kDay_s = 24L * 3600;

template <auto Free>
struct Freeing {
  template <typename T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freeing<X509_free>>;
using Memory = std::unique_ptr<BIO, Freeing<BIO_free>>;

std::string trouble(const std::string& what) {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return what + ": " + text.data();
}

Memory read_file(const fs::path& file) { return Memory(BIO_new_file(file.c_str(), "r")); }

Certificate read_certificate(const fs::path& file) {
  const Memory in = read_file(file);
  return Certificate(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
}

std::optional<std::string> write_file(const fs::path& file, BIO* memory) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  return write_private_file(
      file, {reinterpret_cast<const std::uint8_t*>(text), static_cast<std::size_t>(size)});
}

std::optional<std::string> keep(const fs::path& file, X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(memory.get(), certificate);
  return write_file(file, memory.get());
}

std::optional<std::string> keep(const fs::path& file, EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return write_file(file, memory.get());
}

/// A certificate without issuer, extensions and signature; nothing when memory runs out.
Certificate blank(EVP_PKEY* key, const std::string& common_name, int days) {
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::array<unsigned char, 16> serial{};
  RAND_bytes(serial.data(), static_cast<int>(serial.size()));
  serial[0] &= 0x7f;
  BIGNUM* number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate.get()));
  BN_free(number);
  // From yesterday: the clocks of phones and boards are not always right.
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), days * kDay_s);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

bool extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool is_address(const std::string& name) {
  std::array<std::uint8_t, 16> ignored{};
  return ::inet_pton(AF_INET, name.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), ignored.data()) == 1;
}

/// "DNS:hub.local,IP:192.168.1.5"; empty when some name could be read as something else.
std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool address = is_address(name);
    constexpr const char* kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    if (name.empty() || (!address && name.find_first_not_of(kPlain) != std::string::npos))
      return {};
    text += (text.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + name;
  }
  return text;
}

}  // namespace

bool Authority::exists() const {
  return fs::exists(ca_certificate()) && fs::exists(certificate()) && fs::exists(key());
}

std::optional<std::string> Authority::create() const {
  if (fs::exists(ca_certificate())) return std::nullopt;
  std::error_code failed;
  fs::create_directories(directory_, failed);
  fs::permissions(directory_, fs::perms::owner_all, failed);
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return trouble("no key could be drawn");
  std::array<unsigned char, 3> word{};
  RAND_bytes(word.data(), static_cast<int>(word.size()));
  std::array<char, 16> mark{};
  std::snprintf(mark.data(), mark.size(), "%02x%02x%02x", word[0], word[1], word[2]);
  const Certificate own =
      blank(key.get(), "Espial authority " + std::string(mark.data()), kAuthorityDays);
  X509_set_issuer_name(own.get(), X509_get_subject_name(own.get()));
  if (!extend(own.get(), own.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !extend(own.get(), own.get(), NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !extend(own.get(), own.get(), NID_subject_key_identifier, "hash") ||
      X509_sign(own.get(), key.get(), EVP_sha256()) == 0) {
    return trouble("the authority could not be made");
  }
  // The key first: a certificate without its key would look as if all were there.
  if (const auto error = keep(directory_ / "ca.key", key.get())) return error;
  return keep(ca_certificate(), own.get());
}

std::optional<std::string> Authority::certify(const std::vector<std::string>& names) const {
  const std::string alternatives = alternative_names(names);
  if (alternatives.empty()) return "a name may have letters, digits, '-' and '.' only";
  const Certificate ca = read_certificate(ca_certificate());
  const Memory in = read_file(directory_ / "ca.key");
  const Key ca_key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr) : nullptr);
  if (!ca || !ca_key) return trouble("the authority in " + directory_.string() + " can't be read");
  const Key own_key(EVP_EC_gen("P-256"));
  if (!own_key) return trouble("no key could be drawn");
  const Certificate own = blank(own_key.get(), "Espial hub", kServerDays);
  X509_set_issuer_name(own.get(), X509_get_subject_name(ca.get()));
  if (!extend(own.get(), ca.get(), NID_basic_constraints, "critical,CA:FALSE") ||
      !extend(own.get(), ca.get(), NID_key_usage, "critical,digitalSignature") ||
      !extend(own.get(), ca.get(), NID_ext_key_usage, "serverAuth") ||
      !extend(own.get(), ca.get(), NID_authority_key_identifier, "keyid") ||
      !extend(own.get(), ca.get(), NID_subject_alt_name, alternatives) ||
      X509_sign(own.get(), ca_key.get(), EVP_sha256()) == 0) {
    return trouble("the certificate could not be made");
  }
  if (const auto error = keep(key(), own_key.get())) return error;
  return keep(certificate(), own.get());
}

std::optional<int> Authority::days_left() const {
  const Certificate own = read_certificate(certificate());
  int days = 0;
  int seconds = 0;
  if (!own || ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(own.get())) != 1) {
    return std::nullopt;
  }
  return days;
}

std::string Authority::fingerprint() const {
  const Certificate ca = read_certificate(ca_certificate());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (!ca || X509_digest(ca.get(), EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    std::array<char, 4> octet{};
    std::snprintf(octet.data(), octet.size(), i == 0 ? "%02X" : ":%02X", digest[i]);
    text += octet.data();
  }
  return text;
}

}  // namespace espial::tls
