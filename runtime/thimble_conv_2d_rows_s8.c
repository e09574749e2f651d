#include "thimble_conv.h"
#include "thimble_pairs.h"
#include "thimble_seldom.h"

/* The inputs under a strip of outputs are widened once: word w of filter row i holds inputs 2 w and 2 w + 1 of that
 * row of the map, and stands behind word w of row i - 1, so that all inputs of a pixel are one run. Each word stands
 * there twice, for the first and for the second pixel of a pair, as thimble_quads reads them. */

static inline uint32_t pair_of(int32_t low, int32_t high) {
  return (uint32_t)(uint16_t)low | (uint32_t)(uint16_t)high << 16;
}

/* `count` words, an even number, of neighbouring inputs at x; they are `step` bytes apart, and `other` bytes further
 * they stand again. */
static inline void put_words(const int8_t *x, int32_t count, uint32_t *to, int32_t step, int32_t other) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
#define TWO                                                       \
  "add %[to], %[to], %[step], lsl #1\n"                          \
  "sxtb16 %[b], %[a], ror #8\n"                                  \
  "sxtb16 %[a], %[a]\n"                                          \
  "pkhbt %[low], %[a], %[b], lsl #16\n"                          \
  "pkhtb %[b], %[b], %[a], asr #16\n"                            \
  "str %[low], [%[to]]\n"                                        \
  "str %[low], [%[to], %[other]]\n"                              \
  "str %[b], [%[to], %[step]]\n"                                 \
  "str %[b], [%[to], %[both]]\n"
  const int8_t *const end = x + 2 * count;
  uint32_t a, b, low;
  __asm__ volatile(
      "sub %[to], %[to], %[step], lsl #1\n"
      "lsls %[low], %[count], #30\n"
      "bmi 2f\n"
      "1: ldr %[a], [%[x]], #4\n" TWO
      "2: ldr %[a], [%[x]], #4\n"
      "cmp %[x], %[end]\n" TWO
      "bne 1b\n"
      : [x] "+r"(x), [to] "+r"(to), [a] "=&r"(a), [b] "=&r"(b), [low] "=&r"(low)
      : [step] "r"(step), [other] "r"(other), [both] "r"(step + other), [end] "r"(end), [count] "r"(count)
      : "cc", "memory");
#undef TWO
#else
  for (; count > 0; --count, x += 2, to += step / 4)
    to[0] = to[other / 4] = pair_of(x[0], x[1]);
#endif
}

/* Words inside the map; returns the place behind the last one. */
static inline uint32_t *put_inside(const int8_t *x, int32_t words, uint32_t *to, int32_t step, int32_t other) {
  const int32_t even = words & ~1;
  if (even > 0) put_words(x, even, to, 4 * step, 4 * other);
  to += even * step;
  if (even == words) return to;
  to[0] = to[other] = pair_of(x[2 * even], x[2 * even + 1]);
  return to + step;
}

/* Words outside. */
static THIMBLE_SELDOM uint32_t *put_outside(int32_t words, uint32_t zeros, uint32_t *to, int32_t step, int32_t other) {
  for (; words > 0; --words, to += step) to[0] = to[other] = zeros;
  return to;
}

/* `words` words of a row of the map from input `at` on, which may lie outside; x is input 0, null for a row outside. */
static THIMBLE_SELDOM void fill_row(const thimble_conv_2d_rows_s8_params *p, const int8_t *x, int32_t at,
                                    int32_t words, uint32_t *to, int32_t other) {
  const int32_t step = 2 * p->window.filter_rows;
  const int32_t count = x == 0 ? 0 : p->window.input_columns * p->window.input_channels;
  const uint32_t zeros = pair_of(p->zero, p->zero);
  if (at < 0) {
    const int32_t before = -at / 2 < words ? -at / 2 : words;
    to = put_outside(before, zeros, to, step, other);
    words -= before;
    at += 2 * before;
    if (at < 0 && words > 0) {
      to[0] = to[other] = pair_of(p->zero, count > 0 ? x[0] : p->zero);
      to += step;
      words -= 1;
      at += 2;
    }
  }
  {
    const int32_t left = at < count ? (count - at) / 2 : 0;
    const int32_t inside = left < words ? left : words;
    if (inside > 0) to = put_inside(x + at, inside, to, step, other);
    words -= inside;
    at += 2 * inside;
  }
  if (words > 0 && at < count) {
    to[0] = to[other] = pair_of(x[at], p->zero);
    to += step;
    words -= 1;
  }
  put_outside(words, zeros, to, step, other);
}

/* How many inputs those of a pixel are apart from its neighbour's. */
static inline int32_t inputs_apart(const thimble_window *m) {
  return m->stride_columns * m->input_channels;
}

/* Whether a word of first pixels is one of second pixels, too, and strips are long enough for that to pay. */
static inline int32_t are_shared(const thimble_conv_2d_rows_s8_params *p) {
  return p->strip > 2 && inputs_apart(&p->window) % 2 == 0;
}

/* What `outputs` pixels of row r from column c on read, an even number of them. */
static void fill(const thimble_conv_2d_rows_s8_params *p, const int8_t *input, int32_t r, int32_t c, int32_t outputs,
                 uint32_t *to) {
  const thimble_window *const m = &p->window;
  const int32_t apart = inputs_apart(m);
  const int32_t at = c * apart - m->padding_left * m->input_channels;
  const int32_t shared = are_shared(p);
  /* Shared, the first words of second pixels and the last ones of first pixels go where nothing is read. */
  const int32_t words = (outputs - 2) / 2 * apart + p->row_words + (shared ? apart / 2 : 0);
  const int32_t other = shared ? 1 - apart * m->filter_rows : 0;
  for (int32_t i = 0; i < m->filter_rows; ++i, to += 2) {
    const int32_t row = r * m->stride_rows - m->padding_top + i * m->dilation_rows;
    const int8_t *const x = row < 0 || row >= m->input_rows ? 0 : input + row * p->input.row_step % p->input.size;
    for (int32_t pixel = 0; pixel < (shared ? 1 : 2); ++pixel)
      fill_row(p, x, at + pixel * apart, words, to + pixel, other);
  }
}

void thimble_conv_2d_rows_s8(const thimble_conv_2d_rows_s8_params *p, const thimble_tile *tile, const int8_t *input,
                             int8_t *output, void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * p->group_words;
  const int32_t apart = inputs_apart(m) * m->filter_rows;
  const int32_t depth = 2 * p->row_words * m->filter_rows;
  const int32_t step = p->output.pixel_step;
  uint32_t *const wide = (uint32_t *)scratch + (are_shared(p) ? apart : 0);
  const thimble_quad_layer layer =
      thimble_quads_begin(wide, depth, p->kind, p->limits, p->wide, p->group_words);
  output += tile->channel % step;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      int8_t *const row = output + r * p->output.row_step % p->output.size;
      int32_t c = tile->column;
      while (c < tile->column_end) {
        const int32_t left = tile->column_end - c;
        /* A last pixel that is left takes the one before as its partner. */
        const int32_t outputs = left == 1 ? 2 : left < p->strip ? left & ~1 : p->strip;
        if (left == 1) --c;
        fill(p, input, r, c, outputs, wide);
        thimble_quad_pairs(&layer, stream, outputs / 2, 2 * apart, row + c * step, step, channels);
        c += outputs;
      }
    }
  }
}
