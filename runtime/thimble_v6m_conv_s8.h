/* Convolutions on Armv6-M, by fours of output channels. */
#ifndef THIMBLE_V6M_CONV_S8_H
#define THIMBLE_V6M_CONV_S8_H

#include "thimble_conv.h"
#include "thimble_v6m_window.h"

#ifdef THIMBLE_V6M

/* Makes a tile; returns whether it did (thimble_v6m_window.h): never with groups. */
static THIMBLE_V6M_APART int32_t thimble_v6m_conv_2d_s8(const thimble_conv_2d_s8_params *p, const thimble_tile *tile,
                                                        const int8_t *input, int8_t *output) {
  const thimble_window *const m = &p->window;
  thimble_v6m_job job;
  if (p->filter_channels != m->input_channels || p->input.pixel_step != m->input_channels) return 0;
  job.x = input;
  job.y = output;
  job.w = p->weights;
  job.bias = p->bias;
  job.scale = &p->scale;
  job.offset = p->input_offset;
  job.step_x = 0;
  return thimble_v6m_window(&job, &p->window, &p->input, &p->output, tile);
}

#endif

#endif
