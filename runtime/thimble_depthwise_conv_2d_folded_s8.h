/* For kernels that leave their work to thimble_depthwise_conv_2d_folded_s8. */
#ifndef THIMBLE_DEPTHWISE_CONV_2D_FOLDED_S8_H
#define THIMBLE_DEPTHWISE_CONV_2D_FOLDED_S8_H

#include "thimble_conv.h"

#endif
