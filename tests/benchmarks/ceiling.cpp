// The double well as fast as a compiler makes it from loops written for it: what a generated kernel is measured against.
// Lanes of a block step together; the inner loop has neither branches nor calls, so that it is vectorised.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>

namespace {

constexpr int LANES = 256;

inline float as_float(uint32_t bits) { float x; std::memcpy(&x, &bits, 4); return x; }
inline uint32_t as_bits(float x) { uint32_t bits; std::memcpy(&bits, &x, 4); return bits; }
inline uint32_t rotate(uint32_t x, int k) { return (x << k) | (x >> (32 - k)); }

struct State { uint32_t a[LANES], b[LANES], c[LANES], d[LANES]; };

// xoshiro128++
inline uint32_t next(uint32_t &a, uint32_t &b, uint32_t &c, uint32_t &d) {
  const uint32_t word = rotate(a + d, 7) + a, shifted = b << 9;
  c ^= a; d ^= b; b ^= c; a ^= d; c ^= shifted; d = rotate(d, 11);
  return word;
}

// -2 log(k 2^-31) in units of UNIT, what one in the exponent's field of a float is worth; minimax polynomial
constexpr float UNIT = 1.6525917e-7f, SCALE = 2.8745362e-4f;  // sqrt(UNIT / 2)
inline float minus_two_log(float k) {
  const uint32_t word = as_bits(k), shift = (word - 0x3F3504F3u) & 0xFF800000u;
  const float f = as_float(word - shift) - 1.0f;
  float p = -0.23792408f / UNIT;
  p = p * f + 0.3733574f / UNIT;   p = p * f - 0.40992627f / UNIT; p = p * f + 0.49819487f / UNIT;
  p = p * f - 0.66629016f / UNIT;  p = p * f + 1.0000223f / UNIT;  p = p * f - 2.000002f / UNIT;
  return float(int32_t((31u << 23) - shift)) + f * p;
}

// Box and Muller: a quarter of a turn by polynomials, its place by two sign bits
inline void normals(uint32_t u, uint32_t v, float &x, float &y) {
  const float r = std::sqrt(minus_two_log(float(int32_t(u >> 1)) + 0.5f));
  const float t = as_float((v & 0x7FFFFFu) | 0x3F800000u) - 1.5f, z = t * t;
  const float c = SCALE * 0.99999997f + z * (SCALE * -1.233697f + z * (SCALE * 0.25359864f + z * (SCALE * -0.020408353f)));
  const float s = t * (SCALE * 1.5707887f + z * (SCALE * -0.6457155f + z * (SCALE * 0.07767768f)));
  x = as_float(as_bits(r * (c - s)) ^ (v & 0x80000000u));
  y = as_float(as_bits(r * (c + s)) ^ ((v << 1) & 0x80000000u));
}

inline void step(float &x, int32_t &exit, float n, float dt, float s, float edge, int32_t now) {
  x = x - (x * x * x - x) * dt + s * n;
  const int32_t earlier = exit < now ? exit : now;
  exit = x >= edge ? earlier : exit;
}

}  // namespace

// paths is a multiple of LANES; exits holds the number of the first step outside, or steps
extern "C" void ceiling(int64_t paths, int32_t steps, float dt, float s, float edge, float start, uint32_t seed,
                        int32_t *exits) {
  for (int64_t first = 0; first < paths; first += LANES) {
    alignas(64) State state; alignas(64) float x[LANES]; alignas(64) int32_t exit[LANES];
    uint32_t mix = seed ^ uint32_t(first);
    for (int i = 0; i < LANES; i++) {
      x[i] = start; exit[i] = steps;
      for (uint32_t *row : {state.a, state.b, state.c, state.d}) {
        mix += 0x9E3779B9u; uint32_t h = mix; h = (h ^ (h >> 16)) * 0x85EBCA6Bu; h = (h ^ (h >> 13)) * 0xC2B2AE35u;
        row[i] = h ^ (h >> 16);
      }
    }
    for (int32_t t = 0; t < steps; t += 4) {
#pragma omp simd
      for (int i = 0; i < LANES; i++) {
        uint32_t a = state.a[i], b = state.b[i], c = state.c[i], d = state.d[i];
        const uint32_t u = next(a, b, c, d), v = next(a, b, c, d), w = next(a, b, c, d), q = next(a, b, c, d);
        state.a[i] = a; state.b[i] = b; state.c[i] = c; state.d[i] = d;
        float n0, n1, n2, n3, y = x[i]; int32_t e = exit[i];
        normals(u, v, n0, n1); normals(w, q, n2, n3);
        step(y, e, n0, dt, s, edge, t); step(y, e, n1, dt, s, edge, t + 1);
        step(y, e, n2, dt, s, edge, t + 2); step(y, e, n3, dt, s, edge, t + 3);
        x[i] = y; exit[i] = e;
      }
    }
    for (int i = 0; i < LANES; i++) exits[first + i] = exit[i];
  }
}
