#include "thimble_fully_connected.h"
#include "thimble_pairs.h"
#include "thimble_sums4.h"

/* Both loops add the products of `count` inputs at x, a multiple of 4, more than 0, with four channels' weights to
 * sums as thimble_pairs.h has them. */

#ifdef THIMBLE_PAIRS_ASSEMBLY

#define INPUTS                       \
  "1: ldr %[odd], [%[x]], #4\n"      \
  "sxtb16 %[even], %[odd]\n"         \
  "sxtb16 %[odd], %[odd], ror #8\n"
#define WEIGHTS "ldrd %[a], %[b], [%[w]], #8\n"
#define AGAIN         \
  "cmp %[x], %[end]\n" \
  "bne 1b\n"
#define OPERANDS                                                                                              \
  [x] "+r"(x), [w] "+r"(w), [s0] "+r"(s0), [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3), [even] "=&r"(even), \
      [odd] "=&r"(odd), [a] "=&r"(a), [b] "=&r"(b)

/* Weights that share halfwords, and weights that have their own. */
#define PAIR(x)                          \
  WEIGHTS                                \
  "smlad %[s1], " x ", %[a], %[s1]\n"    \
  "smlad %[s3], " x ", %[b], %[s3]\n"    \
  "sxtb16 %[a], %[a]\n"                  \
  "sxtb16 %[b], %[b]\n"                  \
  "smlad %[s0], " x ", %[a], %[s0]\n"    \
  "smlad %[s2], " x ", %[b], %[s2]\n"
#define PAIR_WIDE(x)                            \
  WEIGHTS                                       \
  "smlad %[s0], " x ", %[a], %[s0]\n"           \
  "smlad %[s1], " x ", %[b], %[s1]\n" WEIGHTS   \
  "smlad %[s2], " x ", %[a], %[s2]\n"           \
  "smlad %[s3], " x ", %[b], %[s3]\n"

#define LOOP(name, pair)                                                                                     \
  static void name(const int8_t *x, int32_t count, const int32_t *w, uint32_t sums[4]) {                     \
    const int8_t *const end = x + count;                                                                     \
    uint32_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3], even, odd, a, b;                        \
    __asm__(INPUTS pair("%[even]") pair("%[odd]") AGAIN : OPERANDS : [end] "r"(end) : "cc", "memory");       \
    sums[0] = s0;                                                                                            \
    sums[1] = s1;                                                                                            \
    sums[2] = s2;                                                                                            \
    sums[3] = s3;                                                                                            \
  }
LOOP(add_shared, PAIR)
LOOP(add_wide, PAIR_WIDE)

#else

static void add_shared(const int8_t *x, int32_t count, const int32_t *w, uint32_t sums[4]) {
  for (int32_t k = 0; k < count; k += k % 4 == 0 ? 1 : 3) {
    for (int32_t c = 0; c < 4; c += 2) thimble_add_pair(x[k], x[k + 2], *w++, sums + c);
  }
}

static void add_wide(const int8_t *x, int32_t count, const int32_t *w, uint32_t sums[4]) {
  for (int32_t k = 0; k < count; k += k % 4 == 0 ? 1 : 3) {
    for (int32_t c = 0; c < 4; ++c) sums[c] += thimble_pair_product(x[k], x[k + 2], *w++);
  }
}

#endif

/* Sums as those loops have them, from plain ones, and plain ones from those. */
static inline void mix_sums(int32_t wide, const int32_t plain[4], uint32_t sums[4]) {
  const uint32_t p0 = (uint32_t)plain[0], p1 = (uint32_t)plain[1], p2 = (uint32_t)plain[2], p3 = (uint32_t)plain[3];
  sums[0] = wide ? 2 * p0 : p0;
  sums[1] = wide ? 2 * p1 : 256 * p1 + p0;
  sums[2] = wide ? 2 * p2 : p2;
  sums[3] = wide ? 2 * p3 : 256 * p3 + p2;
}
static inline void split_sums(int32_t wide, const uint32_t sums[4], int32_t plain[4]) {
  plain[0] = wide ? (int32_t)sums[0] >> 1 : (int32_t)sums[0];
  plain[1] = wide ? (int32_t)sums[1] >> 1 : (int32_t)(sums[1] - sums[0]) >> 8;
  plain[2] = wide ? (int32_t)sums[2] >> 1 : (int32_t)sums[2];
  plain[3] = wide ? (int32_t)sums[3] >> 1 : (int32_t)(sums[3] - sums[2]) >> 8;
}

/* Four channels of a pixel: the sums to begin with, `count` inputs from `x` on, with the weights `w`. */
static inline void add_group(const thimble_fully_connected_pairs_s8_params *p, const int32_t *start, const int8_t *x,
                             int32_t count, const int32_t *w, int32_t plain[4]) {
  uint32_t s[4];
  if (start != 0) {
    for (int32_t c = 0; c < 4; ++c) s[c] = (uint32_t)start[c];
  } else {
    mix_sums(p->wide, plain, s);
  }
  if (p->wide) {
    add_wide(x, count, w, s);
  } else {
    add_shared(x, count, w, s);
  }
  split_sums(p->wide, s, plain);
}

void thimble_fully_connected_slices_s8(const thimble_fully_connected_pairs_s8_params *p,
                                       const thimble_dense_part *part, int32_t rows, int32_t output,
                                       int32_t output_end, const int8_t *x, void *sums, int8_t *y) {
  const int32_t count = part->end - part->begin;
  const int32_t bytes = part->sum_bytes;
  /* Words of an input in a group. */
  const int32_t words = p->wide ? 2 : 1;
  for (int32_t r = 0; r < rows; ++r, x += p->input_step, y += p->output_step) {
    const int32_t *group = p->stream + output / 4 * p->group_words;
    int32_t at = r * part->sum_step;
    for (int32_t o = output; o < output_end; o += 4, at += 4, group += p->group_words) {
      const int32_t together = output_end - o < 4 ? output_end - o : 4;
      int32_t plain[4] = {0, 0, 0, 0};
      if (!part->first && together == 4) thimble_load_sums4(sums, bytes, at, plain);
      for (int32_t c = 0; !part->first && together < 4 && c < together; ++c)
        plain[c] = thimble_sum_at(sums, bytes, at + c);
      add_group(p, part->first ? group : 0, x, count, group + 4 + part->begin * words, plain);
      if (part->last) {
        const int32_t *scale = group + 4 + ((p->depth + 3) & ~3) * words;
        for (int32_t c = 0; c < together; ++c) {
          y[o - output + c] = (int8_t)thimble_pairs_scaled(plain[c], scale, p->kind);
          if (p->kind != THIMBLE_SCALE_COMMON) scale += 3;
        }
      } else if (together == 4) {
        thimble_store_sums4(sums, bytes, at, plain);
      } else {
        for (int32_t c = 0; c < together; ++c) thimble_set_sum(sums, bytes, at + c, plain[c]);
      }
    }
    if (part->last) thimble_keep_limits(p->limits, y, output_end - output);
  }
}
