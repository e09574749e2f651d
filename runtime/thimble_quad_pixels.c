#include "thimble_quad_frame.h"
#include "thimble_widen_pair.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* What thimble_quads.c has on the stack, and how it goes on with the next pair: where its inputs are, bytes from their
 * end to those of the pair behind, bytes from the end of outputs to those of the next pair. */
typedef struct {
  thimble_quad_frame frame;
  uint32_t stream, from, inputs_on, all_groups, pairs, outputs_on, x_step, depth;
} quad_pixels_job;

__attribute__((naked)) static void quad_pixels(const quad_pixels_job *job __attribute__((unused))) {
  __asm__(
      ".global thimble_quad_pixels_next\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "sub sp, #68\n"
      "ldm r0!, {r1, r2, r3, r4, r5, r6, r7, r8, r9}\n"
      "stm sp, {r1, r2, r3, r4, r5, r6, r7, r8, r9}\n"
      "ldm r0, {r1, r2, r3, r4, r5, r6, r7, r8}\n"
      "add r0, sp, #36\n"
      "stm r0, {r1, r2, r3, r4, r5, r6, r7, r8}\n"
      "b 2f\n"
      ".thumb_func\n thimble_quad_pixels_next:\n"
      "ldrd r0, r12, [sp, #16]\n"
      "ldrd r1, r2, [sp, #48]\n"
      "ldr r3, [sp, #56]\n"
      "subs r2, r2, #1\n"
      "beq 4f\n"
      "str r2, [sp, #52]\n"
      "str r1, [sp, #24]\n"
      "add r0, r0, r3\n"
      "add r12, r12, r3\n"
      "strd r0, r12, [sp, #16]\n"
      "2: ldrd lr, r8, [sp, #36]\n"
      "ldrd r9, r10, [sp, #60]\n"
      "ldr r11, [sp]\n"
      "add r9, r9, r8\n"
      "add r10, r10, r8\n"
      "3: ldr r3, [r8], #4\n"
      "ldr r12, [r9], #4\n"
      "cmp r8, r10\n"
      "sxtb16 r1, r3\n"
      "sxtb16 r2, r12\n"
      "sxtb16 r3, r3, ror #8\n"
      "sxtb16 r12, r12, ror #8\n"
      "stm r11!, {r1, r2, r3, r12}\n"
      "bne 3b\n"
      "ldr r1, [sp, #44]\n"
      "add r8, r8, r1\n"
      "str r8, [sp, #40]\n"
      "b.w thimble_quads_group\n"
      "4: add sp, #68\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

extern void thimble_quad_pixels_next(void);

static void multiply_pixels(const thimble_quad_layer *layer, uint32_t *wide, const int32_t *stream, const int8_t *x,
                            int32_t x_step, int8_t *y, int32_t y_step, int32_t channels, int32_t pairs) {
  const int32_t depth = (int32_t)(layer->end - layer->x);
  quad_pixels_job job;
  thimble_quad_frame_begin(&job.frame, layer, y, y_step, channels, thimble_quad_pixels_next);
  job.all_groups = job.frame.groups;
  job.stream = (uint32_t)stream;
  job.from = (uint32_t)x;
  job.inputs_on = (uint32_t)(2 * x_step - depth);
  job.pairs = (uint32_t)pairs;
  job.outputs_on = (uint32_t)(2 * y_step - channels);
  job.x_step = (uint32_t)x_step;
  job.depth = (uint32_t)depth;
  quad_pixels(&job);
}

#else

static void multiply_pixels(const thimble_quad_layer *layer, uint32_t *wide, const int32_t *stream, const int8_t *x,
                            int32_t x_step, int8_t *y, int32_t y_step, int32_t channels, int32_t pairs) {
  for (int32_t i = 0; i < 2 * pairs; i += 2) {
    thimble_widen_pair(x + i * x_step, x + (i + 1) * x_step, (int32_t)(layer->end - layer->x), wide);
    thimble_quads(layer, stream, y + i * y_step, y + (i + 1) * y_step, channels);
  }
}

#endif

void thimble_quad_pixels(const thimble_quad_layer *layer, uint32_t *wide, const int32_t *stream, const int8_t *x,
                         int32_t x_step, int8_t *y, int32_t y_step, int32_t channels, int32_t pairs) {
  multiply_pixels(layer, wide, stream, x, x_step, y, y_step, channels, pairs);
  thimble_keep_limits_of(layer, y, y_step, 2 * pairs, channels);
}
