/* Convolutions on Armv6-M, four output channels at a time. */
#ifndef THIMBLE_V6M_WINDOW_H
#define THIMBLE_V6M_WINDOW_H

#include "thimble_map.h"
#include "thimble_v6m.h"
#include "thimble_window.h"

#ifdef THIMBLE_V6M

/* Makes a tile with the filter, offset and scale that `job` has, from its x to its y. Its step_x is 0 for a
 * convolution of all channels, the input's pixel_step where each output channel reads an input channel of its
 * own. Returns whether it did: only where each filter row is one run of taps in the input's memory, which may
 * end within it and go on at its begin. */
int32_t thimble_v6m_window(thimble_v6m_job *job, const thimble_window *m, const thimble_map *from,
                           const thimble_map *to, const thimble_tile *tile);

#endif

#endif
