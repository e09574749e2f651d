#include <stddef.h>

#include "thimble_conv.h"
#include "thimble_dsp.h"
#include "thimble_pairs.h"
#include "thimble_seldom.h"

/* Bytes from one column and from one row to the next, and the tile, along strips and across them. */
typedef struct {
  int32_t input_step, input_row, output_step, output_row;
  int32_t row, row_end, column, column_end;
} thimble_strip_axes;

/* How the pairs of columns under a strip lie on the map. */
typedef struct {
  int32_t before; /* outside; then one whose even column is outside, or none */
  int32_t left, whole, right; /* the last of them: one whose odd column is outside, or none */
  int32_t end, pairs; /* those up to here, and all; what is between is outside */
  int32_t column; /* the first one inside */
  int32_t step;   /* bytes from one column to the next */
  uint32_t zeros; /* four zero points */
} thimble_strip_columns;

static THIMBLE_SELDOM thimble_strip_columns columns_of(int32_t first, int32_t pairs, int32_t columns) {
  thimble_strip_columns all = {0, 0, 0, 0, 0, 0, 0, 0, 0};
  all.pairs = pairs;
  for (; pairs > 0 && first < -1; --pairs, first += 2) ++all.before;
  if (pairs > 0 && first == -1) {
    all.left = 1;
    --pairs;
    ++first;
  }
  all.column = first;
  first += all.left;
  all.whole = first >= columns ? 0 : (columns - first) / 2;
  if (all.whole > pairs) all.whole = pairs;
  all.right = pairs > all.whole && first + 2 * all.whole + 1 == columns ? 1 : 0;
  all.end = all.before + all.left + all.whole + all.right;
  return all;
}

/* Four bytes, the first one lowest. */
static inline uint32_t four_at(const int8_t *x) {
#ifdef THIMBLE_DSP
  return thimble_load4(x);
#else
  return (uint32_t)(x[0] & 255) | (uint32_t)(x[1] & 255) << 8 | (uint32_t)(x[2] & 255) << 16 |
         (uint32_t)(x[3] & 255) << 24;
#endif
}

/* Four channels of a pair of columns, a word of each plane. */
static inline void put(uint32_t *to, int32_t plane, uint32_t even, uint32_t odd) {
#ifdef THIMBLE_DSP
  const uint32_t low = thimble_join_low(even, odd), high = thimble_join_high(even, odd);
  to[0] = thimble_even(low);
  to[plane] = thimble_odd(low);
  to[2 * plane] = thimble_even(high);
  to[3 * plane] = thimble_odd(high);
#else
  for (int32_t c = 0; c < 4; ++c, even >>= 8, odd >>= 8)
    to[c * plane] = (uint32_t)(uint16_t)(int8_t)(even & 255) | (uint32_t)(uint16_t)(int8_t)(odd & 255) << 16;
#endif
}

static THIMBLE_SELDOM void put_outside(const thimble_strip_columns *at, uint32_t *to, int32_t first, int32_t end) {
  for (to += 3 * first; first < end; ++first, to += 3) put(to, 3 * at->pairs, at->zeros, at->zeros);
}

/* Those pairs of a row that are not all outside; x is at->column of it. */
static void put_inside(const thimble_strip_columns *at, const int8_t *x, uint32_t *to) {
  const int32_t plane = 3 * at->pairs;
  to += 3 * at->before;
#ifdef THIMBLE_PAIRS_ASSEMBLY
  if (at->left + at->whole > 0) {
    uint32_t *last = to + 3 * plane;
    uint32_t a, b, low;
    __asm__ volatile(
        "ldr %[b], [%[at], %[left]]\n"
        "cbz %[b], 1f\n"
        "ldr %[a], [%[at], %[zeros]]\n"
        "ldr %[b], [%[x]]\n"
        "add %[x], %[x], %[step]\n"
        "b 2f\n"
        "1: ldr %[a], [%[x]]\n"
        "ldr %[b], [%[x], %[step]]\n"
        "add %[x], %[x], %[step], lsl #1\n"
        "2: pkhbt %[low], %[a], %[b], lsl #16\n"
        "pkhtb %[a], %[b], %[a], asr #16\n"
        "sxtb16 %[b], %[low], ror #8\n"
        "str %[b], [%[to], %[plane]]\n"
        "sxtb16 %[b], %[a]\n"
        "str %[b], [%[to], %[plane], lsl #1]\n"
        "sxtb16 %[low], %[low]\n"
        "sxtb16 %[a], %[a], ror #8\n"
        "str %[low], [%[to]], #12\n"
        "str %[a], [%[last]], #12\n"
        "cmp %[to], %[end]\n"
        "blo 1b\n"
        /* Once more, if there is one to the right. */
        "bhi 3f\n"
        "ldr %[b], [%[at], %[right]]\n"
        "cbz %[b], 3f\n"
        "ldr %[a], [%[x]]\n"
        "ldr %[b], [%[at], %[zeros]]\n"
        "b 2b\n"
        "3:\n"
        : [x] "+r"(x), [to] "+r"(to), [last] "+r"(last), [a] "=&l"(a), [b] "=&l"(b), [low] "=&r"(low)
        : [step] "r"(at->step), [plane] "r"(plane * 4), [end] "r"(to + 3 * (at->left + at->whole)),
          [at] "r"(at), [left] "i"(offsetof(thimble_strip_columns, left)),
          [right] "i"(offsetof(thimble_strip_columns, right)), [zeros] "i"(offsetof(thimble_strip_columns, zeros))
        : "cc", "memory");
    return;
  }
#endif
  if (at->left) put(to, plane, at->zeros, four_at(x));
  to += 3 * at->left;
  x += at->left * at->step;
  for (int32_t i = 0; i < 2 * at->whole; i += 2, to += 3)
    put(to, plane, four_at(x + i * at->step), four_at(x + (i + 1) * at->step));
  if (at->right) put(to, plane, four_at(x + 2 * at->whole * at->step), at->zeros);
}

/* Four channels of a strip, in all rows of the tile. A row of inputs stays in the planes as long as outputs read it. */
static void make_strip(const thimble_depthwise_conv_2d_strips_s8_params *p, const thimble_strip_axes *axes,
                       thimble_strip_layer *layer, const thimble_strip_columns *columns, const int32_t *stream,
                       const int8_t *input, int8_t *output, uint32_t *planes) {
  const thimble_window *const m = &p->window;
  const int32_t kept = m->dilation_rows == 1 && m->stride_rows < 3 ? 3 - m->stride_rows : 0;
  int32_t filled = 0;
  layer->row = 0;
  input += columns->column * columns->step;
  for (int32_t r = axes->row; r < axes->row_end; ++r) {
    int32_t at = r * m->stride_rows - m->padding_top + filled * m->dilation_rows;
    for (int32_t i = filled; i < 3; ++i, at += m->dilation_rows) {
      uint32_t *const to = planes + (layer->row + i < 3 ? layer->row + i : layer->row + i - 3);
      if (at < 0 || at >= m->input_rows) {
        put_outside(columns, to, columns->before, columns->end);
      } else {
        put_inside(columns, input + at * axes->input_row % p->input.size, to);
      }
    }
    thimble_strips_s8(layer, stream, output + r * axes->output_row % p->output.size);
    filled = kept;
    layer->row = kept == 0 ? 0 : (layer->row + m->stride_rows) % 3;
  }
}

/* The columns of the window are the way along which strips lie: rows of the map, where they lie down it. */
static thimble_strip_axes axes_of(const thimble_depthwise_conv_2d_strips_s8_params *p, const thimble_tile *tile) {
  thimble_strip_axes axes;
  if (p->down) {
    axes.input_step = p->input.row_step;
    axes.input_row = p->input.pixel_step;
    axes.output_step = p->output.row_step;
    axes.output_row = p->output.pixel_step;
    axes.row = tile->column;
    axes.row_end = tile->column_end;
    axes.column = tile->row;
    axes.column_end = tile->row_end;
  } else {
    axes.input_step = p->input.pixel_step;
    axes.input_row = p->input.row_step;
    axes.output_step = p->output.pixel_step;
    axes.output_row = p->output.row_step;
    axes.row = tile->row;
    axes.row_end = tile->row_end;
    axes.column = tile->column;
    axes.column_end = tile->column_end;
  }
  return axes;
}

void thimble_depthwise_conv_2d_strips_s8(const thimble_depthwise_conv_2d_strips_s8_params *p,
                                         const thimble_tile *tile, const int8_t *input, int8_t *output,
                                         void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * (4 * THIMBLE_STRIP_WORDS);
  const int32_t clamped = p->limits.minimum != -128 || p->limits.maximum != 127;
  const thimble_strip_axes axes = axes_of(p, tile);
  thimble_strip_layer layer;
  layer.planes = (uint32_t *)scratch;
  layer.stride = m->stride_columns;
  layer.step = axes.output_step;
  layer.kind = p->kind;
  input += tile->channel % p->input.pixel_step;
  output += tile->channel % p->output.pixel_step;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t c = axes.column; c < axes.column_end; c += p->strip) {
      thimble_strip_columns columns;
      layer.outputs = axes.column_end - c < p->strip ? axes.column_end - c : p->strip;
      columns = columns_of(c * m->stride_columns - m->padding_left,
                           thimble_strip_plane(layer.outputs, layer.stride) / 3, m->input_columns);
      columns.step = axes.input_step;
      columns.zeros = (uint32_t)(p->outside[0] & 255) * 0x01010101u;
      thimble_strips_begin(&layer);
      for (int32_t i = 0; i < 3; ++i) {
        put_outside(&columns, (uint32_t *)scratch + i, 0, columns.before);
        put_outside(&columns, (uint32_t *)scratch + i, columns.end, columns.pairs);
      }
      for (int32_t g = 0; g < channels; g += 4) {
        /* The last four cover some again that are no fours. */
        const int32_t k = g + 4 <= channels ? g : channels - 4;
        make_strip(p, &axes, &layer, &columns, stream + g * THIMBLE_STRIP_WORDS, input + k,
                   output + k + c * axes.output_step, (uint32_t *)scratch);
      }
    }
    for (int32_t r = tile->row; clamped && r < tile->row_end; ++r) {
      int8_t *y = output + r * p->output.row_step % p->output.size + tile->column * p->output.pixel_step;
      for (int32_t c = tile->column; c < tile->column_end; ++c, y += p->output.pixel_step)
        thimble_clamp_s8(channels, p->limits.minimum, p->limits.maximum, y);
    }
  }
}
