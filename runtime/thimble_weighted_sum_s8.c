#include "thimble_dsp.h"
#include "thimble_fixed_point.h"
#include "thimble_weighted_sum.h"

#if defined(THIMBLE_DSP) && defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)

/* Written out because GCC moves the predicate of a loop's last round through general registers. */
static void sum_runs(const thimble_weighted_sum_params *p, int32_t count, const int8_t *a, const int8_t *b,
                     int8_t *output) {
  if (count <= 0) return;
  __asm__ volatile(
      "vdup.32 q2, %[weight_a]\n"
      "vdup.32 q3, %[minimum]\n"
      "vdup.32 q4, %[maximum]\n"
      "dlstp.32 lr, %[count]\n"
      "1: vldrb.s32 q0, [%[a]], #4\n"
      "vldrb.s32 q1, [%[b]], #4\n"
      "vmlas.s32 q0, q2, %[start]\n"
      "vmla.s32 q0, q1, %[weight_b]\n"
      "vshl.s32 q0, %[right]\n"
      "vmax.s32 q0, q0, q3\n"
      "vmin.s32 q0, q0, q4\n"
      "vstrb.32 q0, [%[output]], #4\n"
      "letp lr, 1b\n"
      : [a] "+r"(a), [b] "+r"(b), [output] "+r"(output)
      : [count] "r"(count), [weight_a] "r"(p->weight_a), [weight_b] "r"(p->weight_b), [start] "r"(p->start),
        [minimum] "r"(p->minimum), [maximum] "r"(p->maximum), [right] "r"(-p->bits)
      : "lr", "memory", "d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9");
}
#define THIMBLE_SUM_RUNS(p) 1

#elif defined(THIMBLE_DSP)

static inline int8_t finish(int32_t sum, int32_t bits) {
  int32_t clamped;
  __asm__("ssat %0, #8, %1" : "=r"(clamped) : "r"(sum >> bits));
  return (int8_t)clamped;
}

/* The whole range of int8. */
static void sum_runs(const thimble_weighted_sum_params *p, int32_t count, const int8_t *a, const int8_t *b,
                     int8_t *output) {
  const int32_t weight_a = p->weight_a, weight_b = p->weight_b, start = p->start, bits = p->bits;
  const int8_t *const fours = output + (count & ~3), *const end = output + count;
  for (; output < fours; a += 4, b += 4, output += 4) {
    output[0] = finish(start + a[0] * weight_a + b[0] * weight_b, bits);
    output[1] = finish(start + a[1] * weight_a + b[1] * weight_b, bits);
    output[2] = finish(start + a[2] * weight_a + b[2] * weight_b, bits);
    output[3] = finish(start + a[3] * weight_a + b[3] * weight_b, bits);
  }
  while (output < end) *output++ = finish(start + *a++ * weight_a + *b++ * weight_b, bits);
}
#define THIMBLE_SUM_RUNS(p) ((p)->minimum == INT8_MIN && (p)->maximum == INT8_MAX)

#endif

void thimble_weighted_sum_s8(const thimble_weighted_sum_params *p, int32_t count, const int8_t *a,
                             const int8_t *b, int8_t *output) {
#ifdef THIMBLE_SUM_RUNS
  if (THIMBLE_SUM_RUNS(p) && p->step_a == 1 && p->step_b == 1) {
    sum_runs(p, count, a, b, output);
    return;
  }
#endif
  const int32_t weight_a = p->weight_a, weight_b = p->weight_b, start = p->start, bits = p->bits;
  const int32_t minimum = p->minimum, maximum = p->maximum;
  if (p->step_a == 1 && p->step_b == 1) {
    for (int32_t i = 0; i < count; ++i) {
      const int32_t sum = (start + a[i] * weight_a + b[i] * weight_b) >> bits;
      output[i] = (int8_t)thimble_clamp(sum, minimum, maximum);
    }
    return;
  }
  for (int32_t i = 0; i < count; ++i, a += p->step_a, b += p->step_b) {
    const int32_t sum = (start + *a * weight_a + *b * weight_b) >> bits;
    output[i] = (int8_t)thimble_clamp(sum, minimum, maximum);
  }
}
