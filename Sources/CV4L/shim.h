#pragma once
#include <errno.h>
#include <stddef.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>

// What Swift can't import of V4L2: `ioctl`, which is variadic, request codes, which are macros with `sizeof`, and packed
// structures with unaligned members. Functions return 0, or the error number of the operating system.

static inline int salle_v4l_call(int descriptor, unsigned long request, void *argument) {
  int result;
  do {
    result = ioctl(descriptor, request, argument);
  } while (result == -1 && errno == EINTR);
  return result == -1 ? errno : 0;
}

#define SALLE_REQUEST(name) static const unsigned long salle_##name = name
SALLE_REQUEST(VIDIOC_QUERYCAP);
SALLE_REQUEST(VIDIOC_ENUM_FMT);
SALLE_REQUEST(VIDIOC_G_FMT);
SALLE_REQUEST(VIDIOC_S_FMT);
SALLE_REQUEST(VIDIOC_REQBUFS);
SALLE_REQUEST(VIDIOC_QUERYBUF);
SALLE_REQUEST(VIDIOC_QBUF);
SALLE_REQUEST(VIDIOC_EXPBUF);
SALLE_REQUEST(VIDIOC_DQBUF);
SALLE_REQUEST(VIDIOC_STREAMON);
SALLE_REQUEST(VIDIOC_STREAMOFF);
SALLE_REQUEST(VIDIOC_G_PARM);
SALLE_REQUEST(VIDIOC_S_PARM);
SALLE_REQUEST(VIDIOC_ENUMINPUT);
SALLE_REQUEST(VIDIOC_G_INPUT);
SALLE_REQUEST(VIDIOC_G_CTRL);
SALLE_REQUEST(VIDIOC_S_CTRL);
SALLE_REQUEST(VIDIOC_QUERYCTRL);
SALLE_REQUEST(VIDIOC_ENUM_FRAMESIZES);
SALLE_REQUEST(VIDIOC_ENUM_FRAMEINTERVALS);
SALLE_REQUEST(VIDIOC_SUBSCRIBE_EVENT);
SALLE_REQUEST(VIDIOC_DQEVENT);
#undef SALLE_REQUEST

/// Sets several controls of one class at once, so that what belongs together (pan and tilt) moves together.
static inline int salle_v4l_set_controls(int descriptor, const __u32 *ids, const __s32 *values, __u32 count) {
  struct v4l2_ext_control controls[8];
  struct v4l2_ext_controls all;
  if (count == 0 || count > 8) return EINVAL;
  memset(controls, 0, sizeof controls);
  memset(&all, 0, sizeof all);
  for (__u32 index = 0; index < count; index++) {
    controls[index].id = ids[index];
    controls[index].value = values[index];
  }
  all.which = V4L2_CTRL_WHICH_CUR_VAL;
  all.count = count;
  all.controls = controls;
  return salle_v4l_call(descriptor, VIDIOC_S_EXT_CTRLS, &all);
}

/// The name (33 bytes) of a menu control's item, or its number for an integer menu. EINVAL: there is no such item.
static inline int salle_v4l_menu_item(int descriptor, __u32 id, __u32 index, char *name, __s64 *value) {
  struct v4l2_querymenu item;
  memset(&item, 0, sizeof item);
  item.id = id;
  item.index = index;
  int error = salle_v4l_call(descriptor, VIDIOC_QUERYMENU, &item);
  if (error) return error;
  memcpy(name, item.name, 32);
  name[32] = 0;
  memcpy(value, &item.value, sizeof *value);
  return 0;
}

/// What of a digital video signal's timings matters here.
struct salle_v4l_timings {
  __u32 width, height;
  /// Pictures (fields when interlaced) per second.
  double rate;
  int interlaced;
};

/// The timings that the input receives now. ENOLINK: no signal; ENOLCK: unstable; ERANGE: out of range.
/// When they differ from those in use they are set, which needs that no buffers are allocated (else EBUSY).
static inline int salle_v4l_adopt_timings(int descriptor, struct salle_v4l_timings *result) {
  struct v4l2_dv_timings now, used;
  memset(&now, 0, sizeof now);
  memset(&used, 0, sizeof used);
  int error = salle_v4l_call(descriptor, VIDIOC_QUERY_DV_TIMINGS, &now);
  if (error) return error;
  if (now.type != V4L2_DV_BT_656_1120) return ERANGE;
  const struct v4l2_bt_timings bt = now.bt;
  error = salle_v4l_call(descriptor, VIDIOC_G_DV_TIMINGS, &used);
  if (error || memcmp(&used.bt, &bt, offsetof(struct v4l2_bt_timings, standards)) != 0) {
    error = salle_v4l_call(descriptor, VIDIOC_S_DV_TIMINGS, &now);
    if (error) return error;
  }
  double columns = (double)bt.width + bt.hfrontporch + bt.hsync + bt.hbackporch;
  double lines = (double)bt.height + bt.vfrontporch + bt.vsync + bt.vbackporch;
  if (bt.interlaced) lines = (lines + bt.il_vfrontporch + bt.il_vsync + bt.il_vbackporch) / 2;
  result->width = bt.width;
  result->height = bt.height;
  result->interlaced = bt.interlaced != 0;
  result->rate = columns * lines > 0 ? (double)bt.pixelclock / (columns * lines) : 0;
  return 0;
}

/// Whether the input has a digital signal: 0, or the reason as above. Changes nothing.
static inline int salle_v4l_query_signal(int descriptor) {
  struct v4l2_dv_timings now;
  memset(&now, 0, sizeof now);
  return salle_v4l_call(descriptor, VIDIOC_QUERY_DV_TIMINGS, &now);
}

/// When a buffer was filled, nanoseconds. The C library's `timeval` belongs, for Swift, to whichever module came first.
static inline __s64 salle_v4l_time(const struct v4l2_buffer *buffer) {
  return (__s64)((__u64)buffer->timestamp.tv_sec * 1000000000u + (__u64)buffer->timestamp.tv_usec * 1000u);
}
