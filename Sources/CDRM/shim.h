#pragma once
#include <drm_fourcc.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

// What is spelled with macros that Swift cannot import.

static const uint32_t salle_drm_format_xrgb8888 = DRM_FORMAT_XRGB8888;
static const uint32_t salle_drm_format_argb8888 = DRM_FORMAT_ARGB8888;
static const uint32_t salle_drm_format_xbgr8888 = DRM_FORMAT_XBGR8888;
static const uint32_t salle_drm_format_abgr8888 = DRM_FORMAT_ABGR8888;
static const uint32_t salle_drm_format_rgb565 = DRM_FORMAT_RGB565;
static const uint32_t salle_drm_format_nv12 = DRM_FORMAT_NV12;
static const uint32_t salle_drm_format_yuv420 = DRM_FORMAT_YUV420;

// One atomic request, from arrays that the caller keeps: drmModeAtomicCommit allocates, copies and sorts for each.
static inline int salle_drm_atomic(int descriptor, struct drm_mode_atomic *request) {
  return drmIoctl(descriptor, DRM_IOCTL_MODE_ATOMIC, request);
}
