/* What sums of a convolution's part begin with, and where they go. */
#ifndef THIMBLE_ADDENDS_H
#define THIMBLE_ADDENDS_H

#include "thimble_conv_part.h"

/* The sums of a pixel that are added; those that lie outside of their map are not among them. Channel o is element
 * o + first. */
typedef struct {
  int32_t count;
  const int32_t *at[THIMBLE_MOST_ADDENDS];
  int32_t first[THIMBLE_MOST_ADDENDS];
} thimble_pixel_addends;

static inline int32_t thimble_addend_index(int32_t index, int32_t num, int32_t den, int32_t offset) {
  const int32_t at = num * index + offset;
  if (den == 1) return at;
  return at < 0 ? -1 : at / den;
}

/* For channels from `channel` on. */
static inline void thimble_find_addends(const thimble_conv_part_s8_params *p, int32_t batch, int32_t row,
                                        int32_t column, int32_t channel, const int32_t *const *sums,
                                        thimble_pixel_addends *found) {
  found->count = 0;
  for (int32_t i = 0; i < p->addend_count; ++i) {
    const thimble_addend *const a = &p->addends[i];
    const int32_t r = thimble_addend_index(row, a->num_rows, a->den_rows, a->offset_rows);
    const int32_t c = thimble_addend_index(column, a->num_columns, a->den_columns, a->offset_columns);
    if (r < 0 || r >= a->rows || c < 0 || c >= a->columns) continue;
    found->at[found->count] = sums[i] + batch * a->map.size + thimble_line_at(&a->map, r, c).at;
    found->first[found->count++] = channel % a->map.pixel_step - channel;
  }
}

static inline uint32_t thimble_begin_sum(const thimble_conv_part_s8_params *p, const thimble_pixel_addends *addends,
                                         int32_t channel) {
  uint32_t sum = p->bias == 0 ? 0 : (uint32_t)p->bias[channel];
  for (int32_t i = 0; i < addends->count; ++i) sum += (uint32_t)addends->at[i][channel + addends->first[i]];
  return sum;
}

/* Of four channels from `channel` on. */
static inline void thimble_begin_sums4(const thimble_conv_part_s8_params *p, const thimble_pixel_addends *addends,
                                       int32_t channel, uint32_t sums[4]) {
  uint32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
  if (p->bias != 0) {
    const int32_t *const from = p->bias + channel;
    sum0 = (uint32_t)from[0];
    sum1 = (uint32_t)from[1];
    sum2 = (uint32_t)from[2];
    sum3 = (uint32_t)from[3];
  }
  for (int32_t i = 0; i < addends->count; ++i) {
    const int32_t *const from = addends->at[i] + (channel + addends->first[i]);
    sum0 += (uint32_t)from[0];
    sum1 += (uint32_t)from[1];
    sum2 += (uint32_t)from[2];
    sum3 += (uint32_t)from[3];
  }
  sums[0] = sum0;
  sums[1] = sum1;
  sums[2] = sum2;
  sums[3] = sum3;
}

/* To element `at` of the output. */
static inline void thimble_end_sum(const thimble_conv_part_s8_params *p, void *output, int32_t at, int32_t channel,
                                   uint32_t sum) {
  if (p->scaled) {
    ((int8_t *)output)[at] = (int8_t)thimble_scaled(&p->scale, channel, (int32_t)sum);
  } else {
    ((int32_t *)output)[at] = (int32_t)sum;
  }
}

static inline void thimble_end_sums4(const thimble_conv_part_s8_params *p, void *output, int32_t at, int32_t channel,
                                     const uint32_t sums[4]) {
  if (p->scaled) {
    int8_t *const y = (int8_t *)output + at;
    for (int32_t k = 0; k < 4; ++k) y[k] = (int8_t)thimble_scaled(&p->scale, channel + k, (int32_t)sums[k]);
  } else {
    int32_t *const y = (int32_t *)output + at;
    y[0] = (int32_t)sums[0];
    y[1] = (int32_t)sums[1];
    y[2] = (int32_t)sums[2];
    y[3] = (int32_t)sums[3];
  }
}

#endif
