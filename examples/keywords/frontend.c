#include "frontend.h"

#include <math.h>
#include <string.h>

enum { BINS = FRONTEND_WINDOW / 2 };

static const double PI = 3.14159265358979323846;

static double mel(double hertz) {
  return 1127.0 * log(1.0 + hertz / 700.0);
}

void frontend_reset(frontend *f) {
  memset(f, 0, sizeof *f);
  for (int i = 0; i < FRONTEND_WINDOW; ++i) {
    f->hann[i] = (float)(0.5 - 0.5 * cos(2.0 * PI * i / FRONTEND_WINDOW));
  }
  const double lowest = mel(80.0);
  const double step = (mel(FRONTEND_RATE / 2.0) - lowest) / (FRONTEND_BANDS + 1);
  for (int i = 0; i < BINS; ++i) {
    f->cosine[i] = (float)cos(2.0 * PI * i / FRONTEND_WINDOW);
    f->sine[i] = (float)-sin(2.0 * PI * i / FRONTEND_WINDOW);
    const double place = (mel((double)i * FRONTEND_RATE / FRONTEND_WINDOW) - lowest) / step - 1.0;
    f->lower_band[i] = (int)floor(place);
    f->upper_share[i] = (float)(place - floor(place));
  }
}

/* In place, radix 2; the input is in bit-reversed order. */
static void fft(const frontend *f, float *re, float *im) {
  for (int half = 1; half < FRONTEND_WINDOW; half *= 2) {
    const int stride = FRONTEND_WINDOW / (2 * half);
    for (int i = 0; i < FRONTEND_WINDOW; ++i) {
      if (i & half) continue;
      const int turn = (i % half) * stride, j = i + half;
      const float x = re[j] * f->cosine[turn] - im[j] * f->sine[turn];
      const float y = re[j] * f->sine[turn] + im[j] * f->cosine[turn];
      re[j] = re[i] - x;
      im[j] = im[i] - y;
      re[i] += x;
      im[i] += y;
    }
  }
}

static int bit_reversed(int i) {
  int reversed = 0;
  for (int bit = 1; bit < FRONTEND_WINDOW; bit *= 2) reversed = 2 * reversed + ((i & bit) != 0);
  return reversed;
}

void frontend_step(frontend *f, const int16_t samples[FRONTEND_HOP], int8_t frame[FRONTEND_BANDS]) {
  const int kept = FRONTEND_WINDOW - FRONTEND_HOP;
  memmove(f->samples, f->samples + FRONTEND_HOP, (size_t)kept * sizeof *samples);
  memcpy(f->samples + kept, samples, FRONTEND_HOP * sizeof *samples);

  float re[FRONTEND_WINDOW], im[FRONTEND_WINDOW] = {0};
  for (int i = 0; i < FRONTEND_WINDOW; ++i) re[bit_reversed(i)] = f->hann[i] * (float)f->samples[i];
  fft(f, re, im);

  float energy[FRONTEND_BANDS] = {0};
  for (int i = 0; i < BINS; ++i) {
    const float power = re[i] * re[i] + im[i] * im[i];
    const int band = f->lower_band[i];
    if (band >= 0) energy[band] += (1.0f - f->upper_share[i]) * power;
    if (band >= -1 && band + 1 < FRONTEND_BANDS) energy[band + 1] += f->upper_share[i] * power;
  }
  /* Eight steps an octave of energy. The added constant hides what is as quiet as rounding: -128 is silence.
   */
  for (int i = 0; i < FRONTEND_BANDS; ++i) {
    const float level = floorf(8.0f * log2f(energy[i] + 1024.0f) + 0.5f) - 208.0f;
    frame[i] = (int8_t)(level > 127.0f ? 127.0f : level);
  }
}
