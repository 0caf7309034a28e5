// Plain checks for the tests: the first that fails says where, and ends the program with 1.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                             \
  do {                                                                               \
    if (!(condition)) {                                                              \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);        \
      exit(1);                                                                       \
    }                                                                                \
  } while (0)

#define CHECK_NEAR(actual, expected, tolerance)                                                                     \
  do {                                                                                                              \
    const double a_ = double(actual), e_ = double(expected);                                                        \
    if (!(std::fabs(a_ - e_) <= double(tolerance))) {                                                               \
      fprintf(stderr, "%s:%d: %s is %.6f, not %.6f ± %g\n", __FILE__, __LINE__, #actual, a_, e_, double(tolerance)); \
      exit(1);                                                                                                      \
    }                                                                                                               \
  } while (0)

#define RUN(test)            \
  do {                       \
    test();                  \
    printf("ok %s\n", #test); \
  } while (0)

/// A small generator with a printed seed: a failing run can be repeated with VISTTER_SEED.
class Random {
 public:
  explicit Random(uint64_t fallback) {
    const char* given = getenv("VISTTER_SEED");
    state_ = given != nullptr ? strtoull(given, nullptr, 10) : fallback;
    printf("seed %llu\n", static_cast<unsigned long long>(state_));
  }
  uint32_t next() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return uint32_t(state_ >> 33);
  }
  uint32_t below(uint32_t n) { return next() % n; }

 private:
  uint64_t state_;
};
