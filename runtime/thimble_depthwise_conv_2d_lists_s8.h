/* For kernels that leave a part of their work to thimble_depthwise_conv_2d_lists_s8. */
#ifndef THIMBLE_DEPTHWISE_CONV_2D_LISTS_S8_H
#define THIMBLE_DEPTHWISE_CONV_2D_LISTS_S8_H

#include "thimble_conv.h"

/* Whether it takes a convolution. */
static inline int thimble_depthwise_has_lists(const thimble_depthwise_conv_2d_s8_params *p) {
  return p->whole_bias != 0 && p->multiplier == 1 && p->scale.channel_step == 1 &&
         p->window.filter_columns <= THIMBLE_DEPTHWISE_LISTS_COLUMNS;
}

#endif
