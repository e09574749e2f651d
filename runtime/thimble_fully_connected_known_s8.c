#include "thimble_fully_connected.h"
#include "thimble_mve_row_s8.h"

void thimble_fully_connected_known_s8(const thimble_fully_connected_s8_params *p, const thimble_mve_rows *outputs,
                                      int32_t rows, const int8_t *x, int8_t *y) {
#ifdef THIMBLE_MVE
  if (rows <= 2 || p->depth > 32) {
    const thimble_mve_places at = {x, y, p->input_step, p->output_step, rows, 0};
    thimble_mve_row(outputs, &at);
    return;
  }
#endif
  thimble_fully_connected_s8(p, rows, 0, 4 * outputs->fours + (outputs->back & 3), x, y);
}
