/* What the loops of thimble_quads.c have on the stack, and what begins there alike for those that drive them. */
#ifndef THIMBLE_QUAD_FRAME_H
#define THIMBLE_QUAD_FRAME_H

#include "thimble_pairs.h"

#ifdef THIMBLE_PAIRS_ASSEMBLY

typedef struct {
  uint32_t x, end, entry, behind, y0, y1, groups, ending, exit;
} thimble_quad_frame;

/* The first pair of pixels, whose outputs are `step` bytes apart; `exit`: what comes after the last group. */
static inline void thimble_quad_frame_begin(thimble_quad_frame *frame, const thimble_quad_layer *layer, int8_t *y,
                                            int32_t step, int32_t channels, void (*exit)(void)) {
  frame->x = (uint32_t)layer->x;
  frame->end = (uint32_t)layer->end;
  frame->entry = layer->entry;
  frame->behind = layer->behind;
  frame->y0 = (uint32_t)y;
  frame->y1 = (uint32_t)(y + step);
  frame->groups = (uint32_t)channels / 4;
  frame->ending = layer->ending;
  frame->exit = (uint32_t)exit;
}

#endif

/* Clamps the outputs of `count` pixels, `step` bytes apart. */
static inline void thimble_keep_limits_of(const thimble_quad_layer *layer, int8_t *y, int32_t step, int32_t count,
                                          int32_t channels) {
  if (layer->limits.minimum == -128 && layer->limits.maximum == 127) return;
  for (int32_t i = 0; i < count; ++i)
    thimble_clamp_s8(channels, layer->limits.minimum, layer->limits.maximum, y + i * step);
}

#endif
