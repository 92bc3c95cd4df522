// Arithmetic that every ESP8266 has in its ROM, which is why Debian's libgcc for lx106 leaves it
// out. Written for clearness, not for speed: an emulated program has no ROM.

#include <cstdint>
#include <cstring>

namespace {

using Bits64 = std::uint64_t;
using Bits32 = std::uint32_t;

/// The ratio, with the rest in `rest`; all ones where `b` is 0, as the ROM has it.
template <typename T>
T divide(T a, T b, T& rest) {
  T quotient = 0;
  rest = 0;
  for (unsigned bit = sizeof(T) * 8; bit-- > 0;) {
    const bool carry = (rest >> (sizeof(T) * 8 - 1)) != 0;
    rest = static_cast<T>(rest << 1 | ((a >> bit) & 1));
    if (carry || rest >= b) {
      rest -= b;
      quotient |= T{1} << bit;
    }
  }
  return quotient;
}

template <typename T>
T magnitude(bool negative, T value) {
  return negative ? T{0} - value : value;
}

/// The 64-bit product of two 32-bit numbers, of 16-bit ones.
Bits64 product(Bits32 a, Bits32 b) {
  const Bits32 low = (a & 0xffff) * (b & 0xffff);
  const Bits32 cross_1 = (a >> 16) * (b & 0xffff);
  const Bits32 cross_2 = (a & 0xffff) * (b >> 16);
  const Bits32 high = (a >> 16) * (b >> 16);
  const Bits32 middle = (low >> 16) + (cross_1 & 0xffff) + (cross_2 & 0xffff);
  return static_cast<Bits64>(high + (cross_1 >> 16) + (cross_2 >> 16) + (middle >> 16)) << 32 |
         (middle << 16 | (low & 0xffff));
}

/// A double taken apart: mantissa * 2^exponent. `special`: infinite, or no number.
struct Number {
  bool negative;
  bool special;
  int exponent;
  Bits64 mantissa;
};

constexpr Bits64 kFraction = (Bits64{1} << 52) - 1;
constexpr Bits64 kInfinity = Bits64{0x7ff} << 52;
constexpr Bits64 kNotANumber = kInfinity | Bits64{1} << 51;

Bits64 bits_of(double value) {
  Bits64 bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

double of_bits(Bits64 bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

Number apart(double value) {
  const Bits64 bits = bits_of(value);
  const int exponent = static_cast<int>(bits >> 52 & 0x7ff);
  const Bits64 fraction = bits & kFraction;
  Number number{(bits >> 63) != 0, exponent == 0x7ff, exponent - 1075, fraction | (kFraction + 1)};
  if (exponent != 0) return number;
  number.exponent = -1074;
  number.mantissa = fraction;
  while (number.mantissa != 0 && number.mantissa <= kFraction) {
    number.mantissa <<= 1;
    --number.exponent;
  }
  return number;
}

/// Right by any count; what falls out leaves the lowest bit set.
Bits64 shifted_right(Bits64 value, int count) {
  if (count <= 0) return value;
  if (count > 63) return value != 0 ? 1 : 0;
  return value >> count | ((value << (64 - count)) != 0 ? 1 : 0);
}

/// To the nearest double, half to even.
double together(bool negative, int exponent, Bits64 mantissa) {
  const Bits64 sign = static_cast<Bits64>(negative) << 63;
  if (mantissa == 0) return of_bits(sign);
  while ((mantissa >> 63) == 0) {
    mantissa <<= 1;
    --exponent;
  }
  int biased = exponent + 63 + 1023;
  int drop = 11;
  if (biased < 1) {
    drop += 1 - biased;
    biased = 0;
  }
  // Two bits stay below the last: the half, and whether anything lies under it.
  Bits64 kept = shifted_right(mantissa, drop - 2);
  const Bits64 below = kept & 3;
  kept >>= 2;
  if (below > 2 || (below == 2 && (kept & 1) != 0)) ++kept;
  if (biased > 0) kept += static_cast<Bits64>(biased - 1) << 52;
  return of_bits(sign | (kept >= kInfinity ? kInfinity : kept));
}

double sum(double left, double right) {
  Number a = apart(left);
  Number b = apart(right);
  if (a.special || b.special) {
    if (a.special && b.special && a.negative != b.negative) return of_bits(kNotANumber);
    return a.special ? left : right;
  }
  if (a.exponent < b.exponent) {
    const Number other = a;
    a = b;
    b = other;
  }
  const Bits64 big = a.mantissa << 10;
  const Bits64 small = shifted_right(b.mantissa << 10, a.exponent - b.exponent);
  if (a.negative == b.negative) return together(a.negative, a.exponent - 10, big + small);
  if (big == small) return 0;
  return big > small ? together(a.negative, a.exponent - 10, big - small)
                     : together(b.negative, a.exponent - 10, small - big);
}

}  // namespace

extern "C" {

Bits64 __muldi3(Bits64 a, Bits64 b) {
  const auto a_low = static_cast<Bits32>(a);
  const auto b_low = static_cast<Bits32>(b);
  const Bits32 high = static_cast<Bits32>(a >> 32) * b_low + a_low * static_cast<Bits32>(b >> 32);
  return product(a_low, b_low) + (static_cast<Bits64>(high) << 32);
}

Bits64 __umulsidi3(Bits32 a, Bits32 b) { return product(a, b); }

Bits32 __udivsi3(Bits32 a, Bits32 b) {
  Bits32 rest;
  return divide(a, b, rest);
}
Bits32 __umodsi3(Bits32 a, Bits32 b) {
  Bits32 rest;
  divide(a, b, rest);
  return rest;
}
Bits32 __divsi3(Bits32 a, Bits32 b) {
  const bool a_negative = (a >> 31) != 0;
  const bool b_negative = (b >> 31) != 0;
  return magnitude(a_negative != b_negative,
                   __udivsi3(magnitude(a_negative, a), magnitude(b_negative, b)));
}
Bits64 __udivdi3(Bits64 a, Bits64 b) {
  Bits64 rest;
  return divide(a, b, rest);
}
Bits64 __umoddi3(Bits64 a, Bits64 b) {
  Bits64 rest;
  divide(a, b, rest);
  return rest;
}
Bits64 __divdi3(Bits64 a, Bits64 b) {
  const bool a_negative = (a >> 63) != 0;
  const bool b_negative = (b >> 63) != 0;
  return magnitude(a_negative != b_negative,
                   __udivdi3(magnitude(a_negative, a), magnitude(b_negative, b)));
}

double __adddf3(double a, double b) { return sum(a, b); }
double __subdf3(double a, double b) { return sum(a, of_bits(bits_of(b) ^ Bits64{1} << 63)); }

double __muldf3(double left, double right) {
  const Number a = apart(left);
  const Number b = apart(right);
  const bool negative = a.negative != b.negative;
  if (a.special || b.special) return of_bits(static_cast<Bits64>(negative) << 63 | kInfinity);
  const auto a_low = static_cast<Bits32>(a.mantissa);
  const auto b_low = static_cast<Bits32>(b.mantissa);
  const auto a_high = static_cast<Bits32>(a.mantissa >> 32);
  const auto b_high = static_cast<Bits32>(b.mantissa >> 32);
  const Bits64 low = product(a_low, b_low);
  const Bits64 middle = product(a_high, b_low) + product(a_low, b_high) + (low >> 32);
  const Bits64 high = product(a_high, b_high) + (middle >> 32);
  const Bits64 rest = middle << 32 | static_cast<Bits32>(low);
  // 106 bits at most: the upper 64 of them, and whether there is more.
  return together(negative, a.exponent + b.exponent + 42,
                  high << 22 | rest >> 42 | ((rest << 22) != 0 ? 1 : 0));
}

double __divdf3(double left, double right) {
  const Number a = apart(left);
  const Number b = apart(right);
  const bool negative = a.negative != b.negative;
  if (a.special || b.mantissa == 0) {
    return of_bits(static_cast<Bits64>(negative) << 63 | kInfinity);
  }
  Bits64 quotient = 0;
  Bits64 rest = a.mantissa;
  int exponent = a.exponent - b.exponent;
  // 64 bits of the quotient, whole part first; a rest makes the last one stick.
  Bits64 whole = __udivdi3(rest, b.mantissa);
  rest -= __muldi3(whole, b.mantissa);
  quotient = whole;
  while ((quotient >> 62) == 0 && (quotient | rest) != 0) {
    rest <<= 1;
    quotient <<= 1;
    --exponent;
    if (rest >= b.mantissa) {
      rest -= b.mantissa;
      quotient |= 1;
    }
  }
  return together(negative, exponent - 1, quotient << 1 | (rest != 0 ? 1 : 0));
}

std::int32_t __fixdfsi(double value) {
  const Number a = apart(value);
  const Bits64 whole = a.exponent >= 0    ? a.mantissa << a.exponent
                       : a.exponent > -64 ? a.mantissa >> -a.exponent
                                          : 0;
  return static_cast<std::int32_t>(magnitude(a.negative, static_cast<Bits32>(whole)));
}
Bits32 __fixunsdfsi(double value) { return static_cast<Bits32>(__fixdfsi(value)); }
double __floatunsidf(Bits32 value) { return together(false, 0, value); }
double __floatsidf(std::int32_t value) {
  return together(value < 0, 0, magnitude(value < 0, static_cast<Bits32>(value)));
}

double __extendsfdf2(float value) {
  Bits32 bits;
  std::memcpy(&bits, &value, sizeof bits);
  const Bits64 sign = static_cast<Bits64>(bits >> 31) << 63;
  const Bits32 exponent = bits >> 23 & 0xff;
  const Bits32 fraction = bits & 0x7fffff;
  if (exponent == 0xff) return of_bits(sign | kInfinity | static_cast<Bits64>(fraction) << 29);
  return together(sign != 0, (exponent == 0 ? 1 : static_cast<int>(exponent)) - 150,
                  exponent == 0 ? fraction : fraction | 0x800000);
}

float __truncdfsf2(double value) {
  const Number a = apart(value);
  Bits32 bits = static_cast<Bits32>(a.negative) << 31;
  if (a.special) {
    bits |= 0x7f800000 | ((bits_of(value) & kFraction) != 0 ? 0x400000 : 0);
  } else if (a.mantissa != 0) {
    // As together(), for 24 bits.
    int biased = a.exponent + 52 + 127;
    int drop = 29;
    if (biased < 1) {
      drop += 1 - biased;
      biased = 0;
    }
    Bits64 kept = shifted_right(a.mantissa, drop - 2);
    const Bits64 below = kept & 3;
    kept >>= 2;
    if (below > 2 || (below == 2 && (kept & 1) != 0)) ++kept;
    if (biased > 0) kept += static_cast<Bits64>(biased - 1) << 23;
    bits |= static_cast<Bits32>(kept >= 0x7f800000 ? 0x7f800000 : kept);
  }
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}
float __floatunsisf(Bits32 value) { return __truncdfsf2(__floatunsidf(value)); }

}  // extern "C"
