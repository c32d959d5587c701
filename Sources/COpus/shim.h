#pragma once
#include <opus.h>

// Swift cannot call C functions with variable arguments: these stand for opus_encoder_ctl and opus_decoder_ctl with one
// argument, for requests that set and that get a 32-bit integer, and for the reset.

static inline int copus_encoder_set(OpusEncoder *encoder, int request, opus_int32 value) {
  return opus_encoder_ctl(encoder, request, value);
}

static inline int copus_encoder_get(OpusEncoder *encoder, int request, opus_int32 *value) {
  return opus_encoder_ctl(encoder, request, value);
}

static inline int copus_encoder_reset(OpusEncoder *encoder) {
  return opus_encoder_ctl(encoder, OPUS_RESET_STATE);
}

static inline int copus_decoder_get(OpusDecoder *decoder, int request, opus_int32 *value) {
  return opus_decoder_ctl(decoder, request, value);
}

static inline int copus_decoder_reset(OpusDecoder *decoder) {
  return opus_decoder_ctl(decoder, OPUS_RESET_STATE);
}
