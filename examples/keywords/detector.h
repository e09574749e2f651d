/* Turns the network's scores into words, each told once. */
#ifndef DETECTOR_H
#define DETECTOR_H

#include <stdint.h>

#define DETECTOR_WORDS 10
#define DETECTOR_CLASSES 11 /* the last one is anything else */

typedef struct {
  int8_t before[DETECTOR_CLASSES]; /* the scores before these */
  int rest;                        /* scores to let pass, as they still tell of the last word */
  int percent;                     /* how sure the last answer was */
} detector;

void detector_reset(detector *d);

/* The word that these scores complete, or -1. */
int detector_step(detector *d, const int8_t scores[DETECTOR_CLASSES]);

#endif
