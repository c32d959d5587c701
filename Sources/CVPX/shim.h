#pragma once
#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

// vpx_codec_control is variadic and the initialisers are macros that add the ABI version; Swift can call neither.

static inline vpx_codec_err_t salle_vpx_enc_init(
    vpx_codec_ctx_t *context, vpx_codec_iface_t *interface, const vpx_codec_enc_cfg_t *configuration) {
  return vpx_codec_enc_init_ver(context, interface, configuration, 0, VPX_ENCODER_ABI_VERSION);
}

static inline vpx_codec_err_t salle_vpx_dec_init(
    vpx_codec_ctx_t *context, vpx_codec_iface_t *interface, const vpx_codec_dec_cfg_t *configuration) {
  return vpx_codec_dec_init_ver(context, interface, configuration, 0, VPX_DECODER_ABI_VERSION);
}

// For controls whose argument is an int or an unsigned int.
static inline vpx_codec_err_t salle_vpx_control_int(vpx_codec_ctx_t *context, int identifier, int value) {
  return vpx_codec_control_(context, identifier, value);
}

// For controls whose argument is a pointer.
static inline vpx_codec_err_t salle_vpx_control_pointer(vpx_codec_ctx_t *context, int identifier, void *value) {
  return vpx_codec_control_(context, identifier, value);
}
