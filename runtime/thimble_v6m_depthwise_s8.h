/* Depthwise convolutions on Armv6-M, by fours of output channels. */
#ifndef THIMBLE_V6M_DEPTHWISE_S8_H
#define THIMBLE_V6M_DEPTHWISE_S8_H

#include "thimble_conv.h"
#include "thimble_v6m_window.h"

#ifdef THIMBLE_V6M

/* Makes a tile; returns whether it did (thimble_v6m_window.h): only with a multiplier of 1. */
static THIMBLE_V6M_APART int32_t thimble_v6m_depthwise_conv_2d_s8(const thimble_depthwise_conv_2d_s8_params *p,
                                                                  const thimble_tile *tile, const int8_t *input,
                                                                  int8_t *output) {
  thimble_v6m_job job;
  if (p->multiplier != 1) return 0;
  job.x = input;
  job.y = output;
  job.w = p->weights;
  job.bias = p->bias;
  job.scale = &p->scale;
  job.offset = p->input_offset;
  job.step_x = p->input.pixel_step;
  return thimble_v6m_window(&job, &p->window, &p->input, &p->output, tile);
}

#endif

#endif
