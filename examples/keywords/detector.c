#include "detector.h"

#include <string.h>

/* Mean of two scores in a row from which on a word is told, in percent; and scores from one word to the next.
 */
enum { LEAST_PERCENT = 80, REST = 4 };

void detector_reset(detector *d) {
  memset(d, 0, sizeof *d);
  memset(d->before, INT8_MIN, sizeof d->before);
}

int detector_step(detector *d, const int8_t scores[DETECTOR_CLASSES]) {
  int word = -1;
  d->percent = 0;
  for (int i = 0; i < DETECTOR_WORDS; ++i) {
    const int sum = d->before[i] - INT8_MIN + scores[i] - INT8_MIN; /* 512 is certain */
    const int percent = sum * 100 / 512;
    if (percent >= LEAST_PERCENT && percent > d->percent) {
      d->percent = percent;
      word = i;
    }
  }
  memcpy(d->before, scores, sizeof d->before);
  if (d->rest > 0) {
    --d->rest;
    return -1;
  }
  if (word >= 0) d->rest = REST;
  return word;
}
