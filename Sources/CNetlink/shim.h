#pragma once
#include <linux/netlink.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// struct sockaddr_nl must be cast to struct sockaddr, and struct ucred stands behind _GNU_SOURCE.

// A socket that receives the kernel's uevents; its descriptor, or -1 with errno.
static inline int salle_uevent_socket(int receive_buffer) {
  int descriptor = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
  if (descriptor < 0) return -1;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_pid = 0, .nl_groups = 1};
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (bind(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
    close(descriptor);
    return -1;
  }
  return descriptor;
}

// Receives one message. `sender` becomes the netlink port that sent it; the kernel's is 0. The length may exceed
// `capacity`: the message was cut short then.
static inline ssize_t salle_uevent_receive(int descriptor, void *memory, size_t capacity, uint32_t *sender) {
  struct sockaddr_nl address = {0};
  socklen_t length = sizeof address;
  ssize_t count = recvfrom(descriptor, memory, capacity, MSG_TRUNC, (struct sockaddr *)&address, &length);
  *sender = address.nl_pid;
  return count;
}
