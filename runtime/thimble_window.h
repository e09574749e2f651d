/* Geometry of operators that slide a window over images: convolutions and pools. */
#ifndef THIMBLE_WINDOW_H
#define THIMBLE_WINDOW_H

#include <stdint.h>

/* Maps are [batches, rows, columns, channels], row-major. Output pixel (y, x) looks at input pixels
 * (y * stride_rows - padding_top + i * dilation_rows, x * stride_columns - padding_left + j *
 * dilation_columns) for taps i < filter_rows, j < filter_columns. Taps outside the map contribute nothing. */
typedef struct {
  int32_t batches;
  int32_t input_rows, input_columns, input_channels;
  int32_t output_rows, output_columns, output_channels;
  int32_t filter_rows, filter_columns;
  int32_t stride_rows, stride_columns;
  int32_t dilation_rows, dilation_columns;
  int32_t padding_top, padding_left;
} thimble_window;

/* Taps begin .. end-1 of one axis lie inside the map; `first` is the input index of tap `begin`. */
typedef struct {
  int32_t begin, end, first;
} thimble_taps;

/* The taps of a window whose tap 0 is at index `origin` that fall into [0, extent).
 *
 *   origin -2, dilation 2, 3 taps, extent 2:   taps at -2 0 2   ->  begin 1, end 2, first 0
 */
static inline thimble_taps thimble_clip(int32_t origin, int32_t dilation, int32_t taps, int32_t extent) {
  thimble_taps clipped;
  clipped.begin = 0;
  clipped.end = 0;
  clipped.first = origin;
  if (origin < 0) {
    clipped.begin = dilation == 1 ? -origin : (dilation - 1 - origin) / dilation;
    clipped.first = origin + clipped.begin * dilation;
  }
  if (origin < extent) {
    const int32_t inside = dilation == 1 ? extent - origin : (extent - 1 - origin) / dilation + 1;
    clipped.end = inside < taps ? inside : taps;
  }
  if (clipped.end <= clipped.begin) clipped.begin = clipped.end = clipped.first = 0;
  return clipped;
}

#endif
