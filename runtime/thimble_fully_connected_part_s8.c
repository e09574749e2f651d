/* Where the inner loops are written out (thimble_dsp.h) or take most registers, all else may as well be
 * small. */
#if defined(__ARM_FEATURE_DSP) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_dot_s8.h"
#include "thimble_fully_connected.h"
#include "thimble_mve_dense_s8.h"
#include "thimble_sums.h"

#ifdef THIMBLE_MVE
void thimble_fully_connected_part_s8(const thimble_fully_connected_s8_params *p,
                                     const thimble_dense_part *part, int32_t rows, int32_t output,
                                     int32_t output_end, const int8_t *x, void *sums, int8_t *y) {
  thimble_mve_dense_part_s8(p, part, rows, output, output_end, x, sums, y);
}
#else

void thimble_fully_connected_part_s8(const thimble_fully_connected_s8_params *p,
                                     const thimble_dense_part *part, int32_t rows, int32_t output,
                                     int32_t output_end, const int8_t *x, void *sums, int8_t *y) {
  const int32_t depth = p->depth;
  const int32_t count = part->end - part->begin;
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    const int8_t *w = p->weights + output * depth + part->begin;
    int32_t o = output;
    while (o < output_end) {
      /* Four outputs share the loads of x; the rest one by one. */
      const int32_t together = o + 4 <= output_end ? 4 : 1;
      const int32_t at = r * part->sum_step + o - output;
      uint32_t s[4];
      for (int32_t k = 0; k < together; ++k) {
        s[k] = (uint32_t)(part->first ? p->bias[o + k] : thimble_sum_at(sums, part->sum_bytes, at + k));
      }
      if (together == 4) {
        thimble_dot4_s8(x, w, depth, count, 0, s);
      } else {
        s[0] = thimble_dot_s8(x, w, count, 0, s[0]);
      }
      for (int32_t k = 0; k < together; ++k) {
        if (part->last) {
          y[o - output + k] = (int8_t)thimble_scaled(&p->scale, o + k, (int32_t)s[k]);
        } else {
          thimble_set_sum(sums, part->sum_bytes, at + k, (int32_t)s[k]);
        }
      }
      o += together;
      w += together * depth;
    }
  }
}
#endif
