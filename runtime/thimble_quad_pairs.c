#include "thimble_quad_frame.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

/* What thimble_quads.c has on the stack, and how it goes on with the next pair. */
typedef struct {
  thimble_quad_frame frame;
  uint32_t pairs, x_step, y_step, all_groups, stream;
} quad_pairs_job;

__attribute__((naked)) static void quad_pairs(const quad_pairs_job *job __attribute__((unused))) {
  __asm__(
      ".global thimble_quad_pairs_next\n"
      "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n"
      "sub sp, #56\n"
      "ldm r0!, {r1, r2, r3, r4, r5, r6, r7, r8, r9}\n"
      "stm sp, {r1, r2, r3, r4, r5, r6, r7, r8, r9}\n"
      "ldm r0, {r1, r2, r3, r4, lr}\n"
      "add r0, sp, #36\n"
      "stm r0, {r1, r2, r3, r4, lr}\n"
      "b.w thimble_quads_group\n"
      ".thumb_func\n thimble_quad_pairs_next:\n"
      "ldrd r0, r12, [sp, #16]\n"
      "add r1, sp, #36\n"
      "ldm r1, {r2, r3, r4, r5, lr}\n"
      "subs r2, r2, #1\n"
      "beq 1f\n"
      "str r2, [r1]\n"
      "add r0, r0, r4\n"
      "add r12, r12, r4\n"
      "strd r0, r12, [sp, #16]\n"
      "str r5, [sp, #24]\n"
      "ldrd r0, r1, [sp]\n"
      "add r0, r0, r3\n"
      "add r1, r1, r3\n"
      "strd r0, r1, [sp]\n"
      "b.w thimble_quads_group\n"
      "1: add sp, #56\n"
      "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n");
}

extern void thimble_quad_pairs_next(void);

static void multiply_pairs(const thimble_quad_layer *layer, const int32_t *stream, int32_t pairs, int32_t apart,
                           int8_t *y, int32_t step, int32_t channels) {
  quad_pairs_job job;
  thimble_quad_frame_begin(&job.frame, layer, y, step, channels, thimble_quad_pairs_next);
  job.all_groups = job.frame.groups;
  job.pairs = (uint32_t)pairs;
  job.x_step = 4 * (uint32_t)apart;
  job.y_step = (uint32_t)(2 * step - channels);
  job.stream = (uint32_t)stream;
  quad_pairs(&job);
}

#else

static void multiply_pairs(const thimble_quad_layer *layer, const int32_t *stream, int32_t pairs, int32_t apart,
                           int8_t *y, int32_t step, int32_t channels) {
  thimble_quad_layer next = *layer;
  for (; pairs > 0; --pairs, y += 2 * step, next.x += apart, next.end += apart)
    thimble_quads(&next, stream, y, y + step, channels);
}

#endif

void thimble_quad_pairs(const thimble_quad_layer *layer, const int32_t *stream, int32_t pairs, int32_t apart, int8_t *y,
                        int32_t step, int32_t channels) {
  const int32_t whole = channels / 4 * 4;
  if (whole > 0) multiply_pairs(layer, stream, pairs, apart, y, step, whole);
  if (whole < channels)
    multiply_pairs(layer, stream + whole / 4 * layer->group_words, pairs, apart, y + channels - 4, step, 4);
  thimble_keep_limits_of(layer, y, step, 2 * pairs, channels);
}
