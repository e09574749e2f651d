/* Tells the digits that are spoken in a WAV file, each as soon as the network has heard it:
 *
 *     keywords SPEECH.wav [FRAMES.bin SCORES.bin]
 *     arecord -q -t wav -f S16_LE -r 8000 | keywords -
 *
 * The frames that the network took and the scores that it gave go to the files, if there are any. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "detector.h"
#include "frontend.h"
#include "keywords.h"

/* The network and what is around it have to fit together. */
typedef char check_frame[KEYWORDS_FRAME_ELEMENTS == FRONTEND_BANDS ? 1 : -1];
typedef char check_scores[KEYWORDS_OUTPUT_ELEMENTS == DETECTOR_CLASSES ? 1 : -1];

static const char *const words[DETECTOR_WORDS] = {"zero", "one", "two",   "three", "four",
                                                  "five", "six", "seven", "eight", "nine"};

static uint32_t little_endian(const unsigned char *bytes, int count) {
  uint32_t value = 0;
  while (count-- > 0) value = value << 8 | bytes[count];
  return value;
}

/* Reads up to the first sample. Returns 0 when samples are not what the front end takes. */
static int read_header(FILE *wav) {
  unsigned char bytes[16];
  int fits = 0;
  if (fread(bytes, 1, 12, wav) != 12 || memcmp(bytes, "RIFF", 4) != 0 || memcmp(bytes + 8, "WAVE", 4) != 0) {
    return 0;
  }
  while (fread(bytes, 1, 8, wav) == 8) {
    uint32_t size = little_endian(bytes + 4, 4);
    if (memcmp(bytes, "data", 4) == 0) return fits;
    if (memcmp(bytes, "fmt ", 4) == 0 && size >= 16) {
      if (fread(bytes, 1, 16, wav) != 16) return 0;
      fits = little_endian(bytes, 2) == 1 && little_endian(bytes + 2, 2) == 1 &&
             little_endian(bytes + 4, 4) == FRONTEND_RATE && little_endian(bytes + 14, 2) == 16;
      size -= 16;
    }
    /* By reading, as a pipe cannot seek; chunks have even sizes. */
    for (size += size & 1; size > 0; --size) {
      if (fgetc(wav) == EOF) return 0;
    }
  }
  return 0;
}

/* Returns 0 when less than a hop is left. */
static int read_hop(FILE *wav, int16_t samples[FRONTEND_HOP]) {
  unsigned char bytes[2 * FRONTEND_HOP];
  if (fread(bytes, 2, FRONTEND_HOP, wav) != FRONTEND_HOP) return 0;
  for (int i = 0; i < FRONTEND_HOP; ++i) {
    const int32_t value = (int32_t)little_endian(bytes + 2 * i, 2);
    samples[i] = (int16_t)(value < 32768 ? value : value - 65536);
  }
  return 1;
}

/* Returns 0 when a file could not be written. */
static int listen(FILE *wav, FILE *frames, FILE *scores) {
  static frontend ear;
  static detector mind;
  int16_t samples[FRONTEND_HOP];
  int8_t frame[KEYWORDS_FRAME_ELEMENTS], score[KEYWORDS_OUTPUT_ELEMENTS];

  frontend_reset(&ear);
  detector_reset(&mind);
  keywords_reset(keywords_state);
  for (long count = 1; read_hop(wav, samples); ++count) {
    frontend_step(&ear, samples, frame);
    if (frames && fwrite(frame, sizeof frame, 1, frames) != 1) return 0;
    if (keywords_step(keywords_state, frame, score) != 1) continue;
    if (scores && fwrite(score, sizeof score, 1, scores) != 1) return 0;
    const int word = detector_step(&mind, score);
    if (word < 0) continue;
    printf("%6.2f s  %-5s  %3d %%\n", (double)(count * FRONTEND_HOP) / FRONTEND_RATE, words[word],
           mind.percent);
    fflush(stdout);
  }
  return (!frames || fclose(frames) == 0) && (!scores || fclose(scores) == 0);
}

int main(int count, char **arguments) {
  if (count != 2 && count != 4) {
    fprintf(stderr, "usage: %s SPEECH.wav|- [FRAMES.bin SCORES.bin]\n", arguments[0]);
    return 2;
  }
  FILE *wav = strcmp(arguments[1], "-") == 0 ? stdin : fopen(arguments[1], "rb");
  FILE *frames = count == 4 ? fopen(arguments[2], "wb") : NULL;
  FILE *scores = count == 4 ? fopen(arguments[3], "wb") : NULL;
  if (!wav || (count == 4 && (!frames || !scores))) {
    perror(arguments[0]);
    return 1;
  }
  if (!read_header(wav)) {
    fprintf(stderr, "%s: no WAV file of one channel, 16 bits and %d Hz\n", arguments[1], FRONTEND_RATE);
    return 1;
  }
  if (!listen(wav, frames, scores)) {
    perror(arguments[0]);
    return 1;
  }
  return 0;
}
