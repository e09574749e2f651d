/* Lists of places in circular memory, on cores with Helium. */
#ifndef THIMBLE_MVE_PLACES_H
#define THIMBLE_MVE_PLACES_H

#include "thimble_mve.h"

#ifdef THIMBLE_MVE

/* Lists places that are `step` apart. */
THIMBLE_MVE_INLINE const int8_t **thimble_mve_put_places(const int8_t **to, const int8_t *x, int32_t step,
                                                         int32_t count) {
  __asm__ volatile(
      "wls lr, %[count], 2f\n"
      "1:\n\t"
      "str %[x], [%[to]], #4\n\t"
      "add %[x], %[x], %[step]\n\t"
      "le lr, 1b\n"
      "2:"
      : [to] "+&r"(to), [x] "+&r"(x)
      : [step] "r"(step), [count] "r"(count)
      : "lr", "memory");
  return to;
}

THIMBLE_MVE_INLINE void thimble_mve_move_places(const int8_t **list, int32_t count, int32_t step) {
  const int8_t *x;
  __asm__ volatile(
      "dls lr, %[count]\n"
      "1:\n\t"
      "ldr %[x], [%[list]]\n\t"
      "add %[x], %[x], %[step]\n\t"
      "str %[x], [%[list]], #4\n\t"
      "le lr, 1b"
      : [list] "+&r"(list), [x] "=&r"(x)
      : [step] "r"(step), [count] "r"(count)
      : "lr", "memory");
}

/* Lists the places of a filter row: `before` zero points, `inside` places from x on in memory that begins again at
 * `end`, if so not `straight`, and `after` zero points. */
THIMBLE_MVE_INLINE const int8_t **thimble_mve_put_row(const int8_t **to, const int8_t *x, int32_t step,
                                                      int32_t straight, const int8_t *end, int32_t size,
                                                      int32_t before, int32_t inside, int32_t after,
                                                      const int8_t *outside) {
  __asm__ volatile(
      "wls lr, %[before], 2f\n"
      "1:\n\t"
      "str %[outside], [%[to]], #4\n\t"
      "le lr, 1b\n"
      "2:\n\t"
      "dls lr, %[inside]\n\t"
      "cmp %[straight], #0\n\t"
      "ble 4f\n"
      "3:\n\t"
      "str %[x], [%[to]], #4\n\t"
      "add %[x], %[x], %[step]\n\t"
      "le lr, 3b\n\t"
      "b 5f\n"
      "4:\n\t"
      "str %[x], [%[to]], #4\n\t"
      "add %[x], %[x], %[step]\n\t"
      "cmp %[x], %[end]\n\t"
      "it cs\n\t"
      "subcs %[x], %[x], %[size]\n\t"
      "le lr, 4b\n"
      "5:\n\t"
      "wls lr, %[after], 7f\n"
      "6:\n\t"
      "str %[outside], [%[to]], #4\n\t"
      "le lr, 6b\n"
      "7:"
      : [to] "+&r"(to), [x] "+&r"(x)
      : [step] "r"(step), [straight] "r"(straight), [end] "r"(end), [size] "r"(size), [before] "r"(before),
        [inside] "r"(inside), [after] "r"(after), [outside] "r"(outside)
      : "lr", "cc", "memory");
  return to;
}

/* Moves places in memory that begins again at `end`; how far the last of them is from there. */
THIMBLE_MVE_INLINE int32_t thimble_mve_move_circular(const int8_t **list, int32_t count, int32_t step,
                                                     const int8_t *end, int32_t size) {
  int32_t room = size, here;
  const int8_t *x;
  __asm__ volatile(
      "dls lr, %[count]\n"
      "1:\n\t"
      "ldr %[x], [%[list]]\n\t"
      "add %[x], %[x], %[step]\n\t"
      "cmp %[x], %[end]\n\t"
      "it cs\n\t"
      "subcs %[x], %[x], %[size]\n\t"
      "sub %[here], %[end], %[x]\n\t"
      "cmp %[here], %[room]\n\t"
      "it lt\n\t"
      "movlt %[room], %[here]\n\t"
      "str %[x], [%[list]], #4\n\t"
      "le lr, 1b"
      : [list] "+&r"(list), [room] "+&r"(room), [x] "=&r"(x), [here] "=&r"(here)
      : [step] "r"(step), [count] "r"(count), [end] "r"(end), [size] "r"(size)
      : "lr", "cc", "memory");
  return room;
}

#endif

#endif
