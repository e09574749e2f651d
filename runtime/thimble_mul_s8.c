#include "thimble_clamp_s8.h"
#include "thimble_dsp.h"
#include "thimble_elementwise.h"

#ifdef THIMBLE_DSP

/* Products of int8 data are below 2^16: before a right shift of at most 22 there is room for the rounding
 * constant and the zero point. Halves go away from zero: what is negative is made one less. */
#define FITS(p) ((p)->shift < 0 && (p)->shift >= -22 && (p)->multiplier >= 0)

static int32_t rounding_of(const thimble_mul_params *p) {
  return ((int32_t)1 << (-p->shift - 1)) + thimble_shift_left(p->zero_point, -p->shift);
}

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 1)

/* Written out because GCC moves the predicate of a loop's last round through general registers. */
static void mul_runs(const thimble_mul_params *p, int32_t count, const int8_t *a, const int8_t *b,
                     int8_t *output) {
  if (count <= 0) return;
  __asm__ volatile(
      "vdup.32 q3, %[minimum]\n"
      "vdup.32 q4, %[maximum]\n"
      "dlstp.32 lr, %[count]\n"
      "1: vldrb.s32 q0, [%[a]], #4\n"
      "vldrb.s32 q1, [%[b]], #4\n"
      "vadd.i32 q0, q0, %[offset_a]\n"
      "vadd.i32 q1, q1, %[offset_b]\n"
      "vmul.i32 q0, q0, q1\n"
      "vshr.s32 q1, q0, #31\n"
      "vqrdmulh.s32 q0, q0, %[multiplier]\n"
      "vadd.i32 q1, q1, %[rounding]\n"
      "vadd.i32 q0, q0, q1\n"
      "vshl.s32 q0, %[shift]\n"
      "vmax.s32 q0, q0, q3\n"
      "vmin.s32 q0, q0, q4\n"
      "vstrb.32 q0, [%[output]], #4\n"
      "letp lr, 1b\n"
      : [a] "+r"(a), [b] "+r"(b), [output] "+r"(output)
      : [count] "r"(count), [offset_a] "r"(p->offset_a), [offset_b] "r"(p->offset_b),
        [multiplier] "r"(p->multiplier), [rounding] "r"(rounding_of(p)), [shift] "r"(p->shift),
        [minimum] "r"(p->minimum), [maximum] "r"(p->maximum)
      : "lr", "memory", "d0", "d1", "d2", "d3", "d6", "d7", "d8", "d9");
}

#else

static inline int8_t multiplied(int32_t a, int32_t twice_b, int32_t multiplier, int32_t rounding,
                                int32_t exponent) {
  const int32_t product = a * twice_b;
  int32_t scaled = rounding + (product >> 31);
  __asm__("smmlar %0, %1, %2, %0\n asr %0, %0, %3\n ssat %0, #8, %0"
          : "+&r"(scaled)
          : "r"(product), "r"(multiplier), "r"(exponent));
  return (int8_t)scaled;
}

static void mul_runs(const thimble_mul_params *p, int32_t count, const int8_t *a, const int8_t *b,
                     int8_t *output) {
  const int32_t offset_a = p->offset_a, twice_b = 2 * p->offset_b, multiplier = p->multiplier;
  const int32_t rounding = rounding_of(p), exponent = -p->shift;
  int8_t *y = output;
  for (const int8_t *const fours = output + (count & ~3); y < fours; a += 4, b += 4, y += 4) {
    y[0] = multiplied(a[0] + offset_a, 2 * b[0] + twice_b, multiplier, rounding, exponent);
    y[1] = multiplied(a[1] + offset_a, 2 * b[1] + twice_b, multiplier, rounding, exponent);
    y[2] = multiplied(a[2] + offset_a, 2 * b[2] + twice_b, multiplier, rounding, exponent);
    y[3] = multiplied(a[3] + offset_a, 2 * b[3] + twice_b, multiplier, rounding, exponent);
  }
  for (const int8_t *const end = output + count; y < end; ++y)
    *y = multiplied(*a++ + offset_a, 2 * *b++ + twice_b, multiplier, rounding, exponent);
  thimble_clamp_s8(count, p->minimum, p->maximum, output);
}

#endif
#endif

void thimble_mul_s8(const thimble_mul_params *p, int32_t count, const int8_t *a, const int8_t *b,
                    int8_t *output) {
#ifdef THIMBLE_DSP
  if (FITS(p) && p->step_a == 1 && p->step_b == 1) {
    mul_runs(p, count, a, b, output);
    return;
  }
#endif
  for (int32_t i = 0; i < count; ++i, a += p->step_a, b += p->step_b) {
    output[i] = (int8_t)thimble_mul_one(p, *a, *b);
  }
}
