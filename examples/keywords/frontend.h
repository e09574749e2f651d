/* Turns sound into what the network takes: 24 logarithmic mel energies as int8, every 20 ms. */
#ifndef FRONTEND_H
#define FRONTEND_H

#include <stdint.h>

#define FRONTEND_RATE 8000
#define FRONTEND_HOP 160
#define FRONTEND_WINDOW 256
#define FRONTEND_BANDS 24

typedef struct {
  float hann[FRONTEND_WINDOW];
  float cosine[FRONTEND_WINDOW / 2], sine[FRONTEND_WINDOW / 2];
  /* A bin lies between the centres of two bands and belongs to the upper one by this share. */
  int lower_band[FRONTEND_WINDOW / 2];
  float upper_share[FRONTEND_WINDOW / 2];
  int16_t samples[FRONTEND_WINDOW]; /* the last ones; what was before the beginning is silence */
} frontend;

void frontend_reset(frontend *f);

/* Takes the next samples and writes the frame that ends with them. */
void frontend_step(frontend *f, const int16_t samples[FRONTEND_HOP], int8_t frame[FRONTEND_BANDS]);

#endif
