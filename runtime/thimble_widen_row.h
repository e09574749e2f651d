/* A row of inputs of a dense layer as halfwords. */
#ifndef THIMBLE_WIDEN_ROW_H
#define THIMBLE_WIDEN_ROW_H

#include "thimble_dsp.h"
#include "thimble_seldom.h"
#include "thimble_widen.h"

/* Filled up with zeros to a multiple of four. */
static THIMBLE_SELDOM void thimble_widen_row(const int8_t *x, int32_t count, thimble_widener *widen, uint32_t *to) {
  const int32_t rest = count % 4;
  if (count > rest) to = widen(x, count - rest, to);
  if (rest > 0) {
    int8_t last[4] = {0, 0, 0, 0};
#ifdef THIMBLE_DSP
    if (count > 4) {
      const uint32_t bytes = thimble_load4(x + count - 4) >> (8 * (4 - rest));
      __builtin_memcpy(last, &bytes, 4);
      widen(last, 4, to);
      return;
    }
#endif
    for (int32_t i = 0; i < rest; ++i) last[i] = x[count - rest + i];
    widen(last, 4, to);
  }
}

#endif
