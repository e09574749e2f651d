#include "thimble_conv.h"
#include "thimble_pairs.h"

/* Four channels of two neighbouring columns: one word of each plane. */
static inline void put(uint32_t *to, int32_t plane, const int8_t *even, const int8_t *odd) {
#ifdef THIMBLE_DSP
  const uint32_t a = thimble_load4(even), b = thimble_load4(odd);
  const uint32_t low = thimble_join_low(a, b), high = thimble_join_high(a, b);
  to[0] = thimble_even(low);
  to[plane] = thimble_odd(low);
  to[2 * plane] = thimble_even(high);
  to[3 * plane] = thimble_odd(high);
#else
  for (int32_t c = 0; c < 4; ++c) to[c * plane] = (uint32_t)(uint16_t)even[c] | (uint32_t)(uint16_t)odd[c] << 16;
#endif
}

/* `count` pairs of columns that are `step` bytes apart. */
static inline void put_pairs(uint32_t *to, int32_t plane, const int8_t *x, int32_t step, int32_t count) {
#ifdef THIMBLE_PAIRS_ASSEMBLY
  uint32_t *const end = to + 3 * count;
  uint32_t *last = to + 3 * plane;
  uint32_t a, b, low;
  __asm__ volatile(
      "1: ldr %[a], [%[x]]\n"
      "ldr %[b], [%[x], %[step]]\n"
      "add %[x], %[x], %[step], lsl #1\n"
      "pkhbt %[low], %[a], %[b], lsl #16\n"
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
      "bne 1b\n"
      : [x] "+r"(x), [to] "+r"(to), [last] "+r"(last), [a] "=&r"(a), [b] "=&r"(b), [low] "=&r"(low)
      : [step] "r"(step), [plane] "r"(plane * 4), [end] "r"(end)
      : "cc", "memory");
#else
  for (; count > 0; --count, to += 3, x += 2 * step) put(to, plane, x, x + step);
#endif
}

/* A row of the planes, from column `column` of the map on, which may lie outside; x is column 0, null for a row outside
 * the map. */
static void fill_row(const thimble_depthwise_conv_2d_strips_s8_params *p, const int8_t *x, int32_t column,
                     int32_t pairs, uint32_t *to) {
  const int32_t plane = p->plane_words;
  const int32_t step = p->input.pixel_step;
  const int32_t columns = x == 0 ? 0 : p->window.input_columns;
  const int8_t *const zeros = p->outside;
  for (; pairs > 0 && (column < 0 || column >= columns); --pairs, column += 2, to += 3) {
    const int32_t odd = column + 1;
    put(to, plane, zeros, odd >= 0 && odd < columns ? x + odd * step : zeros);
  }
  if (pairs == 0) return;
  x += column * step;
  {
    const int32_t whole = (columns - column) / 2 < pairs ? (columns - column) / 2 : pairs;
    if (whole > 0) put_pairs(to, plane, x, step, whole);
    to += 3 * whole;
    x += 2 * step * whole;
    pairs -= whole;
    column += 2 * whole;
  }
  for (; pairs > 0; --pairs, column += 2, to += 3) {
    put(to, plane, column < columns ? x : zeros, zeros);
    x += 2 * step;
  }
}

void thimble_depthwise_conv_2d_strips_s8(const thimble_depthwise_conv_2d_strips_s8_params *p,
                                         const thimble_tile *tile, const int8_t *input, int8_t *output,
                                         void *scratch) {
  const thimble_window *const m = &p->window;
  const int32_t channels = tile->channel_end - tile->channel;
  const int32_t *const stream = p->stream + tile->channel / 4 * (4 * THIMBLE_STRIP_WORDS);
  const int32_t pairs = p->plane_words / 3;
  const int32_t clamped = p->limits.minimum != -128 || p->limits.maximum != 127;
  thimble_strip_layer layer;
  layer.planes = (uint32_t *)scratch;
  layer.plane_words = p->plane_words;
  layer.outputs = p->strip;
  layer.stride = m->stride_columns;
  layer.step = p->output.pixel_step;
  layer.kind = p->kind;
  input += tile->channel % p->input.pixel_step;
  output += tile->channel % p->output.pixel_step;
  for (int32_t b = 0; b < m->batches; ++b, input += p->input.size, output += p->output.size) {
    for (int32_t r = tile->row; r < tile->row_end; ++r) {
      const int32_t origin = r * m->stride_rows - m->padding_top;
      int8_t *const row = output + r * p->output.row_step % p->output.size;
      for (int32_t c = tile->column; c < tile->column_end; c += p->strip) {
        /* The last strip of a row overlaps the one before. */
        const int32_t first = c + p->strip <= tile->column_end ? c : tile->column_end - p->strip;
        const int32_t column = first * m->stride_columns - m->padding_left;
        for (int32_t g = 0; g < channels; g += 4) {
          const int32_t k = g + 4 <= channels ? g : channels - 4;
          for (int32_t i = 0; i < 3; ++i) {
            const int32_t at = origin + i * m->dilation_rows;
            const int8_t *const x =
                at < 0 || at >= m->input_rows ? 0 : input + at * p->input.row_step % p->input.size + k;
            fill_row(p, x, column, pairs, (uint32_t *)scratch + i);
          }
          thimble_strips_s8(&layer, stream + g * THIMBLE_STRIP_WORDS, row + first * p->output.pixel_step + k);
        }
        for (int32_t o = 0; clamped && o < p->strip; ++o) {
          thimble_clamp_s8(channels, p->limits.minimum, p->limits.maximum, row + (first + o) * p->output.pixel_step);
        }
      }
    }
  }
}
