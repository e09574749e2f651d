/* The functions of an LSTM of 16 bits. */
#ifndef THIMBLE_LSTM_S8_H
#define THIMBLE_LSTM_S8_H

#include "thimble_fixed_point.h"
#include "thimble_lstm.h"

static inline int32_t thimble_clamp_s16(int32_t x) {
  return thimble_clamp(x, INT16_MIN, INT16_MAX);
}

/* 2^16 / (1 + e^-x) for x >= 0 in steps of 1/(24 * 2^bits), with `bits` more bits. */
static inline int32_t thimble_sigmoid_of(const uint16_t *sigmoid, int32_t x, int32_t bits) {
  const int32_t sample = x >> bits;
  const int32_t low = sigmoid[sample];
  return (int32_t)((uint32_t)low << bits) + (x & (((int32_t)1 << bits) - 1)) * (sigmoid[sample + 1] - low);
}

/* 1 / (1 + e^-x) of x * 2^12, times 2^15. */
static inline int32_t thimble_sigmoid_s16(const uint16_t *sigmoid, int32_t x) {
  const int32_t scaled = 3 * x, magnitude = scaled < 0 ? -scaled : scaled;
  const int32_t y = magnitude < 255 << 9 ? thimble_sigmoid_of(sigmoid, magnitude, 9) : (int32_t)0x7FFF << 10;
  return (scaled >= 0 ? y + 512 : ((int32_t)1 << 25) - y + 511) >> 10;
}

/* tanh of x * multiplier / 2^shift in steps of 1/(24 * 256), times 2^15. */
static inline int32_t thimble_tanh_s16(const uint16_t *sigmoid, int32_t x, int32_t multiplier,
                                       int32_t shift) {
  const int32_t rounding = shift > 0 ? (int32_t)1 << (shift - 1) : 0;
  const int32_t scaled = (x * multiplier + rounding) >> shift, magnitude = scaled < 0 ? -scaled : scaled;
  const int32_t y = magnitude < 255 << 8 ? thimble_sigmoid_of(sigmoid, magnitude, 8) : (int32_t)0xFFFF << 8;
  return (scaled >= 0 ? y - ((int32_t)1 << 23) + 128 : ((int32_t)1 << 23) - y + 127) >> 8;
}

static inline int32_t thimble_lstm_output_one(const thimble_lstm_output_params *p, int32_t cell,
                                              int32_t gate) {
  const int32_t product = thimble_tanh_s16(p->sigmoid, cell, p->tanh_multiplier, p->tanh_shift) * gate;
  const int32_t scaled = thimble_requantise(product, p->multiplier, p->shift);
  return thimble_clamp(thimble_add_wrapping(scaled, p->zero_point), INT8_MIN, INT8_MAX);
}

#endif
