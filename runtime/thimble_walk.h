/* Two arrays walked together, row-major, by strides: what broadcasts, slices, transposes and copies have in
 * common. */
#ifndef THIMBLE_WALK_H
#define THIMBLE_WALK_H

#include <stdint.h>

enum { THIMBLE_AXES = 6 };

/* Axes from outermost to innermost; unused ones come first with extent 1. Strides are in elements, 0 where an
 * array is repeated along the axis, negative where it is walked backwards.
 *
 *   [4,8] + [8]:   extent 1 1 1 1 4 8    stride_a 0 0 0 0 8 1    stride_b 0 0 0 0 0 1
 */
typedef struct {
  int32_t extent[THIMBLE_AXES];
  int32_t stride_a[THIMBLE_AXES];
  int32_t stride_b[THIMBLE_AXES];
} thimble_walk;

/* Where a walk is: indices of all axes but the innermost, and the elements at which the present run begins.
 */
typedef struct {
  int32_t at[THIMBLE_AXES - 1];
  int32_t a, b;
} thimble_walker;

static inline thimble_walker thimble_walk_begin(void) {
  const thimble_walker walker = {{0, 0, 0, 0, 0}, 0, 0};
  return walker;
}

/* Steps to the next run of the innermost axis; 0 when there is none. */
static inline int32_t thimble_walk_next(const thimble_walk *walk, thimble_walker *walker) {
  for (int32_t axis = THIMBLE_AXES - 2; axis >= 0; --axis) {
    walker->a += walk->stride_a[axis];
    walker->b += walk->stride_b[axis];
    if (++walker->at[axis] < walk->extent[axis]) return 1;
    walker->at[axis] = 0;
    walker->a -= walk->stride_a[axis] * walk->extent[axis];
    walker->b -= walk->stride_b[axis] * walk->extent[axis];
  }
  return 0;
}

#endif
