/* Weights of dense layers and convolutions in the order in which cores with the DSP extension use them up: 8-bit
 * data, two products in one instruction.
 *
 * Output channels stand in groups of four (thimble_quads, thimble_singles) or eight (thimble_octets), the last one
 * filled up with zeros; a group is one stream of 32-bit words, read once from beginning to end:
 *
 *   sums to begin with | weights | multiplier, addend and shift of each channel
 *
 * Two channels share the halfwords of their weights: 256 * w[c + 1] + w[c], as one signed number. SMLAD with a word
 * of two of them adds 256 * S[c + 1] + S[c], with the word's even bytes sign-extended it adds S[c]; so
 * S[c + 1] = (R - S[c]) / 256, exactly, while |S[c + 1]| < 2^23. That is proved for each layer when compiling.
 *
 * Inputs of a pixel stand in fours: the halfwords of a word are its bytes 0 and 2, of the next one 1 and 3; those of
 * thimble_conv_2d_rows_s8 in pairs of neighbours, one of each filter row in turn. The input's zero point is in the bias.
 * Words are host-endian; all targets are little-endian.
 *
 * Scaling, equal to thimble_requantise + clamp to int8 where the limits below hold (a: the sum, m: multiplier,
 * e: shift to the right, z: zero point):
 *
 *   int8(((2 a m + 2^31) >> 32) + c) >> e),   c = 2^(e-1) + (z << e)                  SMMLAR, ASR, SSAT
 *
 * for the first rounding is floor((a m + 2^30) / 2^31) = floor((2 a m + 2^31) / 2^32), and the second one, halves
 * away from zero, is (x + 2^(e-1) + (x >> 31)) >> e. The term x >> 31 changes negative results only, so that it is
 * left out where those become the least output anyway (that is z, after a ReLU); elsewhere the sign of a is taken for
 * that of x: they differ for x = 0 only, where nothing changes. Limits: 0 < e <= 22, |a| < 2^30; where z is the least
 * output also e = 0, without the second rounding: c = z. Scales of 1 and more are in weights with halfwords of their own.
 * A clamp narrower than the type comes after that. */
#ifndef THIMBLE_PAIRS_H
#define THIMBLE_PAIRS_H

#include <stdint.h>

#include "thimble_clamp_s8.h"
#include "thimble_limits_s8.h"
#include "thimble_pairs_code.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline void thimble_keep_limits(thimble_limits_s8 limits, int8_t *y, int32_t count) {
  if (limits.minimum != -128 || limits.maximum != 127) thimble_clamp_s8(count, limits.minimum, limits.maximum, y);
}

/* ((2 a m + 2^31) >> 32) + c: what SMMLAR gives for 2 a. */
static inline int32_t thimble_pairs_scaled(int32_t a, const int32_t scale[3], int32_t kind) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
  int32_t scaled = kind == THIMBLE_SCALE_RELU ? scale[1] : scale[1] + (a >> 31);
  __asm__("smmlar %0, %1, %2, %0\n asr %0, %0, %3\n ssat %0, #8, %0"
          : "+&r"(scaled)
          : "r"(2 * a), "r"(scale[0]), "r"(scale[2]));
  return scaled;
#else
  const int64_t product = 2 * (int64_t)a * scale[0] + ((int64_t)1 << 31);
  const int32_t sign = kind == THIMBLE_SCALE_RELU ? 0 : a >> 31;
  const int32_t y = ((int32_t)(product >> 32) + scale[1] + sign) >> scale[2];
  return y < -128 ? -128 : y > 127 ? 127 : y;
#endif
}

/* x0 * low + x1 * high of the signed halfwords of a word. */
static inline uint32_t thimble_pair_product(int32_t x0, int32_t x1, int32_t word) {
  return (uint32_t)(x0 * (int16_t)(word & 65535)) + (uint32_t)(x1 * (word >> 16));
}

/* Adds the products of two inputs with a word of weights of channels c and c + 1: sums[0] gains S[c], sums[1]
 * 256 * S[c + 1] + S[c]. */
static inline void thimble_add_pair(int32_t x0, int32_t x1, int32_t word, uint32_t sums[2]) {
  sums[1] += thimble_pair_product(x0, x1, word);
  sums[0] += (uint32_t)(x0 * (int8_t)(word & 255)) + (uint32_t)(x1 * (int8_t)(word >> 16 & 255));
}

/* S[c] of those. */
static inline int32_t thimble_pair_sum(const uint32_t *sums, int32_t c) {
  const uint32_t even = sums[c & ~1];
  return c % 2 == 0 ? (int32_t)even : (int32_t)(sums[c] - even) >> 8;
}

/* A part of a pixel's inputs, a multiple of four of them: where it begins and ends, and where the written-out loop is
 * entered. Addresses on the cores that have that loop; elsewhere offsets from one of two places. */
typedef struct {
  uint32_t x, end, entry;
} thimble_octet_run;

/* Eight channels of a pixel at a time. */
typedef struct {
  const int8_t *inputs, *others; /* where the runs of a pixel are */
  int32_t kind;                  /* how a group ends */
  thimble_limits_s8 limits;      /* of the outputs */
  int32_t wide;                  /* weights have halfwords of their own, doubled, as the sums to begin with are */
  int32_t group_words;
} thimble_octet_layer;

#ifdef THIMBLE_PAIRS_ASSEMBLY
/* The written-out loop for `four` = 4 inputs a time is entered so that it ends with the last of them. */
enum {
  THIMBLE_OCTETS_UNROLLED = 8,
  THIMBLE_OCTETS_FOUR = 124,
  THIMBLE_OCTETS_WIDE_UNROLLED = 4,
  THIMBLE_OCTETS_WIDE_FOUR = 108
};
void thimble_octets_loop(void);
void thimble_octets_wide_loop(void);
void thimble_octets_split(void);
void thimble_octets_relu(void);
void thimble_octets_signed(void);
void thimble_octets_common(void);
#else
/* What `entry` tells here: the place of a run, or that there is none. */
enum { THIMBLE_OCTETS_INPUT, THIMBLE_OCTETS_OTHER, THIMBLE_OCTETS_END };
#endif

/* `entry` of a run of `count` inputs, in `inputs` or in `others`. */
static inline uint32_t thimble_octet_entry(const thimble_octet_layer *layer, int32_t count, int32_t other) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
  const uint32_t left = 0u - (uint32_t)count / 4;
  (void)other;
  return layer->wide
             ? (uint32_t)&thimble_octets_wide_loop + left % THIMBLE_OCTETS_WIDE_UNROLLED * THIMBLE_OCTETS_WIDE_FOUR
             : (uint32_t)&thimble_octets_loop + left % THIMBLE_OCTETS_UNROLLED * THIMBLE_OCTETS_FOUR;
#else
  (void)layer;
  (void)count;
  return other ? THIMBLE_OCTETS_OTHER : THIMBLE_OCTETS_INPUT;
#endif
}

/* The run of `count` inputs at x. */
static inline thimble_octet_run thimble_octet_run_of(const thimble_octet_layer *layer, const int8_t *x, int32_t count,
                                                     uint32_t entry) {
  thimble_octet_run run;
#ifdef THIMBLE_PAIRS_ASSEMBLY
  (void)layer;
  run.x = (uint32_t)x;
#else
  run.x = (uint32_t)(x - (entry == THIMBLE_OCTETS_OTHER ? layer->others : layer->inputs));
#endif
  run.end = run.x + (uint32_t)count;
  run.entry = entry;
  return run;
}

/* What ends a pixel's runs: `x` tells how the group ends once its sums are split. */
static inline thimble_octet_run thimble_octet_end(const thimble_octet_layer *layer) {
  thimble_octet_run end;
  end.end = 0;
#ifdef THIMBLE_PAIRS_ASSEMBLY
  end.x = layer->kind == THIMBLE_SCALE_RELU     ? (uint32_t)&thimble_octets_relu
          : layer->kind == THIMBLE_SCALE_SIGNED ? (uint32_t)&thimble_octets_signed
                                                : (uint32_t)&thimble_octets_common;
  end.entry = layer->wide ? end.x : (uint32_t)&thimble_octets_split;
#else
  (void)layer;
  end.x = 0;
  end.entry = THIMBLE_OCTETS_END;
#endif
  return end;
}

/* The first `channels` outputs of the groups from `stream` on, for one pixel. */
void thimble_octets(const thimble_octet_layer *layer, const thimble_octet_run *runs, const int32_t *stream, int8_t *y,
                    int32_t channels);

/* Two pixels at a time, whose inputs were widened to halfwords before: words of the first and of the second pixel take
 * turns. */
typedef struct {
  const uint32_t *x, *end;
  /* Where the written-out loop is entered, what comes behind it, how a group ends and what comes after the last one. */
  uint32_t entry, behind, ending, exit;
  int32_t kind; /* how a group ends */
  thimble_limits_s8 limits;
  int32_t wide; /* weights have halfwords of their own, doubled, as the sums to begin with are */
  int32_t group_words;
} thimble_quad_layer;

#ifdef THIMBLE_PAIRS_ASSEMBLY
enum { THIMBLE_QUADS_UNROLLED = 8, THIMBLE_QUADS_TWO = 48, THIMBLE_QUADS_WIDE_TWO = 44 };
void thimble_quads_loop(void);
void thimble_quads_wide_loop(void);
void thimble_quads_split(void);
void thimble_quads_relu(void);
void thimble_quads_signed(void);
void thimble_quads_common(void);
void thimble_quads_done(void);
#endif

/* `depth` inputs of each pixel, an even number, are at x. */
static inline thimble_quad_layer thimble_quads_begin(const uint32_t *x, int32_t depth, int32_t kind,
                                                     thimble_limits_s8 limits, int32_t wide, int32_t group_words) {
  thimble_quad_layer layer;
  layer.x = x;
  layer.end = x + depth;
#ifdef THIMBLE_PAIRS_ASSEMBLY
  {
    const uint32_t skipped = (0u - (uint32_t)depth / 2) % THIMBLE_QUADS_UNROLLED;
    layer.entry = wide ? (uint32_t)&thimble_quads_wide_loop + skipped * THIMBLE_QUADS_WIDE_TWO
                       : (uint32_t)&thimble_quads_loop + skipped * THIMBLE_QUADS_TWO;
    layer.ending = kind == THIMBLE_SCALE_RELU     ? (uint32_t)&thimble_quads_relu
                   : kind == THIMBLE_SCALE_SIGNED ? (uint32_t)&thimble_quads_signed
                                                  : (uint32_t)&thimble_quads_common;
    layer.behind = wide ? layer.ending : (uint32_t)&thimble_quads_split;
    layer.exit = (uint32_t)&thimble_quads_done;
  }
#else
  layer.entry = layer.behind = layer.ending = layer.exit = 0;
#endif
  layer.kind = kind;
  layer.limits = limits;
  layer.wide = wide;
  layer.group_words = group_words;
  return layer;
}

/* The first `channels` outputs of the groups from `stream` on, for two pixels; y1 may be y0 where only the second
 * pixel matters. */
void thimble_quads(const thimble_quad_layer *layer, const int32_t *stream, int8_t *y0, int8_t *y1, int32_t channels);

/* The same for `pairs` pairs of neighbours from y on, whose outputs are `step` bytes apart; the inputs of each pair are
 * `apart` words behind those of the one before. There are 4 channels at least, and a last group that would have fewer
 * covers the last four. */
void thimble_quad_pairs(const thimble_quad_layer *layer, const int32_t *stream, int32_t pairs, int32_t apart, int8_t *y,
                        int32_t step, int32_t channels);

/* All outputs, a multiple of 4, of 2 * `pairs` pixels, whose inputs are `x_step` bytes apart and outputs `y_step`; pairs > 0.
 * Each pair is widened to the layer's inputs, `wide`, in whole fours: what is behind its own meets weights of zero. */
void thimble_quad_pixels(const thimble_quad_layer *layer, uint32_t *wide, const int32_t *stream, const int8_t *x,
                         int32_t x_step, int8_t *y, int32_t y_step, int32_t channels, int32_t pairs);

/* Four channels of one pixel at a time, from the streams of quads: the pixel's inputs were widened to halfwords before,
 * so that blocks of registers load them and the weights. */
typedef struct {
  const uint32_t *x, *end; /* the pixel's inputs, a multiple of 4 of them, more than 0 */
  const thimble_single_code *code;
  thimble_limits_s8 limits;
} thimble_single_layer;

/* The first `channels` outputs of the groups from `stream` on. */
void thimble_singles(const thimble_single_layer *layer, const int32_t *stream, int8_t *y, int32_t channels);

/* Depthwise: four channels of a pixel at a time, two taps in one instruction. A group's stream is
 *
 *   four sums to begin with | for two taps a word of each channel | for a last tap w[0] w[2], w[1] w[3] | scales
 *
 * with sums and weights doubled. Groups begin at every fourth channel; the last one covers the last four. */
typedef struct {
  const uint32_t *taps, *end; /* addresses, or where there is no written-out loop, numbers; the end of the pairs */
  /* Where the loop over pairs is entered, what comes behind it and how a group ends. */
  uint32_t entry, behind, ending;
  int32_t count;
  int32_t kind;          /* how a group ends */
  const int8_t *inputs;  /* the map */
  const int8_t *outside; /* a pixel of zero points */
} thimble_tap_layer;

#ifdef THIMBLE_PAIRS_ASSEMBLY
enum { THIMBLE_TAPS_UNROLLED = 4, THIMBLE_TAPS_TWO = 56 };
void thimble_taps_loop(void);
void thimble_taps_one(void);
void thimble_taps_none(void);
void thimble_taps_relu(void);
void thimble_taps_signed(void);
void thimble_taps_common(void);
#endif

/* `count` taps will be listed at `taps`. */
static inline thimble_tap_layer thimble_taps_begin(const uint32_t *taps, int32_t count, int32_t kind,
                                                   const int8_t *outside) {
  thimble_tap_layer layer;
  layer.taps = taps;
  layer.end = taps + (count & ~1);
#ifdef THIMBLE_PAIRS_ASSEMBLY
  {
    const uint32_t skipped = (0u - (uint32_t)count / 2) % THIMBLE_TAPS_UNROLLED;
    layer.behind = count % 2 == 0 ? (uint32_t)&thimble_taps_none : (uint32_t)&thimble_taps_one;
    layer.entry = count < 2 ? layer.behind : (uint32_t)&thimble_taps_loop + skipped * THIMBLE_TAPS_TWO;
    layer.ending = kind == THIMBLE_SCALE_RELU     ? (uint32_t)&thimble_taps_relu
                   : kind == THIMBLE_SCALE_SIGNED ? (uint32_t)&thimble_taps_signed
                                                  : (uint32_t)&thimble_taps_common;
  }
#else
  layer.entry = layer.behind = layer.ending = 0;
#endif
  layer.count = count;
  layer.kind = kind;
  layer.inputs = 0;
  layer.outside = outside;
  return layer;
}

/* A tap in the map, and one outside. */
static inline uint32_t thimble_tap_input(const thimble_tap_layer *layer, const int8_t *x) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
  (void)layer;
  return (uint32_t)x;
#else
  return (uint32_t)(x - layer->inputs);
#endif
}
static inline uint32_t thimble_tap_outside(const thimble_tap_layer *layer) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
  return (uint32_t)layer->outside;
#else
  (void)layer;
  return 0xFFFFFFFFu;
#endif
}

/* The bytes of a listed tap. */
static inline const int8_t *thimble_tap_place(const thimble_tap_layer *layer, uint32_t tap) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
  (void)layer;
  return (const int8_t *)tap;
#else
  return tap == thimble_tap_outside(layer) ? layer->outside : layer->inputs + tap;
#endif
}

/* groups * 4 outputs, from the group's first channel `channel` on. */
void thimble_taps_s8(const thimble_tap_layer *layer, const int32_t *stream, int32_t channel, int8_t *y,
                       int32_t groups);

/* Depthwise 3x3: a strip of a row of outputs, four channels. The rows of inputs under the strip were sorted before into
 * a plane for each channel: word 3 p + i holds columns 2 p and 2 p + 1 of a row, the i-th of three that follow each other
 * in a circle. A channel's stream is
 *
 *   sum to begin with | multiplier, addend, shift | for each filter row w[0] w[1], w[1] w[2]
 *
 * with sum and weights doubled. */
enum { THIMBLE_STRIP_WORDS = 10 };
typedef struct {
  const uint32_t *planes; /* of four channels, one behind the other */
  int32_t outputs;        /* of the strip */
  int32_t stride;         /* of columns, 1 or 2 */
  int32_t step;           /* elements from one output to the next */
  int32_t kind;           /* THIMBLE_SCALE_RELU or THIMBLE_SCALE_SIGNED */
  int32_t row;            /* which of the three is under the filter's first row */
  uint32_t job[12];       /* of the written-out loops: thimble_strips_s8.c */
} thimble_strip_layer;

/* Words of a plane: two columns more than outputs begin at, by twos. */
static inline int32_t thimble_strip_plane(int32_t outputs, int32_t stride) {
  return 3 * ((outputs + 1) / 2 * stride + 1);
}

#ifdef THIMBLE_PAIRS_ASSEMBLY
void thimble_strips_1_relu(void);
void thimble_strips_1_signed(void);
void thimble_strips_1_pairs(void);
void thimble_strips_2_relu(void);
void thimble_strips_2_signed(void);
void thimble_strips_2_pairs(void);
void thimble_strips_012(void);
void thimble_strips_201(void);
void thimble_strips_120(void);
void thimble_strips_next(void);
#endif

/* Once all but `row` is there, and again whenever that changes. */
static inline void thimble_strips_begin(thimble_strip_layer *layer) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
  const int32_t by_1 = layer->stride == 1, relu = layer->kind == THIMBLE_SCALE_RELU;
  const int32_t fours = layer->outputs / 4, odd = layer->outputs % 2;
  const int32_t pairs = (layer->outputs + 1) / 2;
  const uint32_t four = by_1 ? (relu ? (uint32_t)&thimble_strips_1_relu : (uint32_t)&thimble_strips_1_signed)
                             : (relu ? (uint32_t)&thimble_strips_2_relu : (uint32_t)&thimble_strips_2_signed);
  const uint32_t rest = layer->outputs % 4 == 0 ? (uint32_t)&thimble_strips_next
                        : by_1                  ? (uint32_t)&thimble_strips_1_pairs
                                                : (uint32_t)&thimble_strips_2_pairs;
  layer->job[0] = (uint32_t)layer->step;
  layer->job[3] = odd ? 0 : (uint32_t)layer->step;
  layer->job[4] = (uint32_t)(fours * 2 * layer->stride * 12);
  layer->job[5] = (uint32_t)(pairs * layer->stride * 12);
  layer->job[6] = (uint32_t)((layer->outputs - odd) * layer->step - 1);
  layer->job[7] = fours > 0 ? four : rest;
  layer->job[8] = rest;
#else
  (void)layer;
#endif
}

void thimble_strips_s8(thimble_strip_layer *layer, const int32_t *stream, int8_t *y);

#ifdef __cplusplus
}
#endif

#endif
