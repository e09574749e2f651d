/* Where maps lie in memory, and which part of one a call makes. */
#ifndef THIMBLE_MAP_H
#define THIMBLE_MAP_H

#include <stdint.h>

/* Memory is circular: pixel (row, column) begins at element
 *
 *   (row * row_step) mod size + (column mod columns) * pixel_step                  rows and columns fold
 *   (row * row_step + column * pixel_step) mod size             columns == 0       a FIFO of pixels
 *
 *   whole map [8,6,4]        size 192, row_step 24, pixel_step 4, columns 6
 *   ring of 3 rows           size  72, row_step 24, pixel_step 4, columns 6    row 5 lives where row 2 lived
 *   FIFO of 15 pixels        size  60, row_step 24, pixel_step 4, columns 0
 *   window of 3 x 3 pixels   size  36, row_step 12, pixel_step 4, columns 3
 *   slice of 2 channels      size  96, row_step 12, pixel_step 2, columns 6    channel 3 lives where 1 lived
 *
 * Images of a batch follow each other, `size` elements apart. */
typedef struct {
  int32_t size, row_step, pixel_step, columns;
} thimble_map;

/* The part of a map that one call makes: indices begin .. end - 1. */
typedef struct {
  int32_t row, row_end;
  int32_t column, column_end;
  int32_t channel, channel_end;
} thimble_tile;

/* One step of a position in circular memory; steps are shorter than the circle. */
static inline int32_t thimble_wrap(int32_t at, int32_t circle) {
  return at >= circle ? at - circle : at;
}

static inline int32_t thimble_modulo(int32_t at, int32_t circle) {
  const int32_t rest = at % circle;
  return rest < 0 ? rest + circle : rest;
}

/* Elements after which columns begin again. */
static inline int32_t thimble_circle(const thimble_map *map) {
  return map->columns == 0 ? map->size : map->columns * map->pixel_step;
}

/* Pixels of one row, one after the other, without a division for each. */
typedef struct {
  int32_t at, end, circle, step;
} thimble_line;

static inline thimble_line thimble_line_at(const thimble_map *map, int32_t row, int32_t column) {
  thimble_line line;
  line.circle = thimble_circle(map);
  line.step = map->pixel_step;
  if (map->columns == 0) {
    line.at = (row * map->row_step + column * map->pixel_step) % map->size;
    line.end = map->size;
  } else {
    const int32_t begin = row * map->row_step % map->size;
    line.at = begin + column % map->columns * map->pixel_step;
    line.end = begin + line.circle;
  }
  return line;
}

static inline void thimble_line_next(thimble_line *line) {
  line->at += line->step;
  if (line->at >= line->end) line->at -= line->circle;
}

#endif
