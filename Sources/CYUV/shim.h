#pragma once
#include <libyuv.h>

// The matrices are objects of a type that the public headers leave incomplete, which Swift cannot import.

static inline const struct YuvConstants *salle_yuv_bt601(void) { return &kYuvI601Constants; }
static inline const struct YuvConstants *salle_yuv_bt601_full(void) { return &kYuvJPEGConstants; }
static inline const struct YuvConstants *salle_yuv_bt709(void) { return &kYuvH709Constants; }
static inline const struct YuvConstants *salle_yuv_bt709_full(void) { return &kYuvF709Constants; }
