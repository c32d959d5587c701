#pragma once
#include <errno.h>
#include <linux/cec.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

// What Swift can't import of the kernel's CEC interface: `ioctl`, which is variadic, request codes, which are macros with
// `sizeof`, and a structure with a union. Functions return 0, or the error number of the operating system.

static inline int salle_cec_call(int descriptor, unsigned long request, void *argument) {
  int result;
  do {
    result = ioctl(descriptor, request, argument);
  } while (result == -1 && errno == EINTR);
  return result == -1 ? errno : 0;
}

static inline int salle_cec_capabilities(int descriptor, struct cec_caps *capabilities) {
  return salle_cec_call(descriptor, CEC_ADAP_G_CAPS, capabilities);
}

/// The display connector that the adapter belongs to: the number of its card and its own; EINVAL where it isn't known.
static inline int salle_cec_connector(int descriptor, uint32_t *card, uint32_t *connector) {
  struct cec_connector_info information;
  memset(&information, 0, sizeof information);
  int code = salle_cec_call(descriptor, CEC_ADAP_G_CONNECTOR_INFO, &information);
  if (code) return code;
  if (information.type != CEC_CONNECTOR_TYPE_DRM) return EINVAL;
  *card = information.drm.card_no;
  *connector = information.drm.connector_id;
  return 0;
}

/// Who sends and who follows: both, beside others.
static inline int salle_cec_join(int descriptor) {
  uint32_t mode = CEC_MODE_INITIATOR | CEC_MODE_FOLLOWER;
  return salle_cec_call(descriptor, CEC_S_MODE, &mode);
}

static inline int salle_cec_set_physical_address(int descriptor, uint16_t address) {
  return salle_cec_call(descriptor, CEC_ADAP_S_PHYS_ADDR, &address);
}

/// Becomes a playback device of that name, in place of what the adapter was before.
static inline int salle_cec_configure(int descriptor, const char *name, uint32_t vendor) {
  struct cec_log_addrs addresses;
  memset(&addresses, 0, sizeof addresses);
  int code = salle_cec_call(descriptor, CEC_ADAP_S_LOG_ADDRS, &addresses);
  if (code) return code;
  memset(&addresses, 0, sizeof addresses);
  addresses.cec_version = CEC_OP_CEC_VERSION_1_4;
  addresses.num_log_addrs = 1;
  addresses.vendor_id = vendor;
  strncpy(addresses.osd_name, name, sizeof addresses.osd_name - 1);
  addresses.primary_device_type[0] = CEC_OP_PRIM_DEVTYPE_PLAYBACK;
  addresses.log_addr_type[0] = CEC_LOG_ADDR_TYPE_PLAYBACK;
  addresses.all_device_types[0] = CEC_OP_ALL_DEVTYPE_PLAYBACK;
  return salle_cec_call(descriptor, CEC_ADAP_S_LOG_ADDRS, &addresses);
}

/// Where the adapter is in the tree of HDMI devices (0xFFFF: nowhere), and which numbers it has on the bus, a bit each.
static inline int salle_cec_addresses(int descriptor, uint16_t *physical, uint16_t *logical) {
  struct cec_log_addrs addresses;
  memset(&addresses, 0, sizeof addresses);
  int code = salle_cec_call(descriptor, CEC_ADAP_G_PHYS_ADDR, physical);
  if (!code) code = salle_cec_call(descriptor, CEC_ADAP_G_LOG_ADDRS, &addresses);
  *logical = addresses.log_addr_mask;
  return code;
}

/// Sends one message and waits until the bus has taken it or nobody has acknowledged it.
static inline int salle_cec_transmit(int descriptor, const uint8_t *bytes, uint32_t count, uint8_t *status) {
  struct cec_msg message;
  if (count == 0 || count > CEC_MAX_MSG_SIZE) return EINVAL;
  memset(&message, 0, sizeof message);
  memcpy(message.msg, bytes, count);
  message.len = count;
  int code = salle_cec_call(descriptor, CEC_TRANSMIT, &message);
  *status = message.tx_status;
  return code;
}

/// Takes the next message, of up to 16 bytes; without one it waits a millisecond.
static inline int salle_cec_receive(int descriptor, uint8_t *bytes, uint32_t *count) {
  struct cec_msg message;
  memset(&message, 0, sizeof message);
  message.timeout = 1;
  int code = salle_cec_call(descriptor, CEC_RECEIVE, &message);
  *count = code ? 0 : message.len > CEC_MAX_MSG_SIZE ? CEC_MAX_MSG_SIZE : message.len;
  memcpy(bytes, message.msg, *count);
  return code;
}

/// Takes the next event; 1 in `changed` says that the addresses are new.
static inline int salle_cec_event(int descriptor, int *changed) {
  struct cec_event event;
  memset(&event, 0, sizeof event);
  int code = salle_cec_call(descriptor, CEC_DQEVENT, &event);
  *changed = !code && event.event == CEC_EVENT_STATE_CHANGE;
  return code;
}

/// A file that can be polled for being rung (eventfd(2)).
static inline int salle_bell(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
