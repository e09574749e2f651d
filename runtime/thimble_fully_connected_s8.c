/* Where the inner loops are written out (thimble_dsp.h, thimble_v6m.h) or take most registers, all else may
 * as well be small. */
#if defined(__ARM_FEATURE_DSP) || defined(__ARM_ARCH_6M__) || defined(__riscv)
#include "thimble_small_stack.h"
#endif

#include "thimble_dot_s8.h"
#include "thimble_fully_connected.h"
#include "thimble_mve_dense_s8.h"
#include "thimble_v6m.h"

#ifdef THIMBLE_MVE
void thimble_fully_connected_s8(const thimble_fully_connected_s8_params *p, int32_t rows, int32_t output,
                                int32_t output_end, const int8_t *x, int8_t *y) {
  thimble_mve_dense_s8(p, rows, output, output_end, x, y);
}
#else

void thimble_fully_connected_s8(const thimble_fully_connected_s8_params *p, int32_t rows, int32_t output,
                                int32_t output_end, const int8_t *x, int8_t *y) {
  const int32_t depth = p->depth;
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    const int8_t *w = p->weights + output * depth;
    int8_t *to = y;
    int32_t o = output;
#ifdef THIMBLE_V6M
    const int32_t fours = (output_end - output) & ~3;
    if (fours > 0) {
      thimble_v6m_job job;
      job.bias = p->bias;
      job.scale = &p->scale;
      job.y = y - o;
      job.channel = o;
      job.channel_end = o + fours;
      job.offset = 0;
      job.rows = 1;
      job.step_x = 0;
      job.step_w = depth;
      job.length = -depth;
      job.x = x + depth;
      job.w = p->weights + depth;
      job.x_limit = job.x;
      thimble_v6m_do(&job);
      o += fours;
      to += fours;
      w += fours * depth;
    }
#else
    for (; o + 4 <= output_end; o += 4, w += 4 * depth) {
      uint32_t sums[4];
      for (int32_t k = 0; k < 4; ++k) sums[k] = (uint32_t)p->bias[o + k];
      thimble_dot4_s8(x, w, depth, depth, 0, sums);
      for (int32_t k = 0; k < 4; ++k) *to++ = (int8_t)thimble_scaled(&p->scale, o + k, (int32_t)sums[k]);
    }
#endif
    for (; o < output_end; ++o, w += depth) {
      const uint32_t sum = thimble_dot_s8(x, w, depth, 0, (uint32_t)p->bias[o]);
      *to++ = (int8_t)thimble_scaled(&p->scale, o, (int32_t)sum);
    }
  }
}
#endif
