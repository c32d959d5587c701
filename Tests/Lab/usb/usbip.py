"""The device's end of USB/IP: plugs USB devices that are programs into the kernel's virtual host controller, vhci-hcd.

A device is a subclass of `Device` that answers class requests and completes transfers when its hardware would. A `Bus`
plugs it in, carries the messages and keeps the clock; everything runs in one thread:

    bus = Bus(control="/run/camera.control")
    bus.plug(Camera(bus, ...), port=0)
    bus.run()

All times are seconds of `Bus.now()`, the monotonic clock; in the lab that may be virtual.
"""
import errno
import heapq
import itertools
import os
import select
import socket
import struct
import sys
import time
from collections import namedtuple

#: A control request (USB 2.0, 9.3).
Setup = namedtuple("Setup", "request_type request value index length")

HIGH_SPEED = 3
ECONNRESET, EPIPE = -104, -32
_CONTROLLER = "/sys/devices/platform/vhci_hcd.0/"
_SUBMIT, _UNLINK, _RETURN_SUBMIT, _RETURN_UNLINK = 1, 2, 3, 4
_HEADER = 48


class Transfer:
    """A bulk, interrupt or isochronous transfer that the host waits for. Complete it once; one that the host has taken
    back meanwhile is completed into the void."""

    def __init__(self, plug, sequence, endpoint, is_in, length, data, packets):
        self._plug, self._sequence = plug, sequence
        #: The endpoint's number, without direction.
        self.endpoint = endpoint
        #: Whether the device is to send.
        self.is_in = is_in
        #: How many bytes the host has room for, or sends.
        self.length = length
        #: What the host sends.
        self.data = data
        #: (offset, length) of each packet of an isochronous transfer; None for others.
        self.packets = packets

    @property
    def is_pending(self):
        """Whether the host still waits."""
        return self._sequence in self._plug.pending

    def complete(self, data=b"", status=0):
        """Ends a bulk or interrupt transfer: with `data` towards the host, or having taken what it sent."""
        if self._plug.pending.pop(self._sequence, None) is not None:
            self._plug.answer(self._sequence, status, len(data) if self.is_in else self.length, data)

    def complete_packets(self, packets=None):
        """Ends an isochronous transfer: with one bytes object a packet towards the host, or having taken all."""
        if self._plug.pending.pop(self._sequence, None) is None:
            return
        sizes = [len(packet) for packet in packets] if self.is_in else [length for _, length in self.packets]
        table = b"".join(
            struct.pack(">IIII", offset, length, size, 0) for (offset, length), size in zip(self.packets, sizes))
        data = b"".join(packets) if self.is_in else b""
        self._plug.answer(self._sequence, 0, sum(sizes), data, len(self.packets), table)


class Device:
    """A USB device: what `descriptors.read` gives, and no endpoints. Subclasses override what they have."""

    def __init__(self, bus, descriptors):
        self.bus, self.descriptors = bus, descriptors

    def class_request(self, setup, data):
        """Answers a class or vendor request: bytes towards the host, b"" when it was a command, None to stall."""
        return None

    def submit(self, transfer):
        """Takes a transfer, to complete it now or later (`bus.at`)."""

    def set_alternate(self, interface, alternate):
        """The host chose an interface's alternate setting: a stream begins (≠ 0) or ends (0)."""

    def clear_halt(self, endpoint):
        """The host reset an endpoint, given with its direction bit: also how it ends a bulk stream."""

    def unplugged(self):
        """The device lost its power: forget all streams."""

    def command(self, words):
        """A line from the control pipe that the bus doesn't know."""
        raise ValueError("unknown command")

    def control(self, setup, data):
        """Answers the standard requests (USB 2.0, 9.4) and passes on the others."""
        if setup.request_type & 0x60:
            return self.class_request(setup, data)
        request = (setup.request_type, setup.request)
        if request == (0x80, 6):
            return self._descriptor(setup.value >> 8, setup.value & 255)
        if setup.request == 0 and setup.request_type & 0x80:
            return b"\0\0"
        if request == (0x80, 8):
            return b"\1"
        if request == (0x01, 11):
            self.set_alternate(setup.index, setup.value)
            return b""
        if request == (0x02, 1):
            self.clear_halt(setup.index)
            return b""
        return b"" if setup.request_type < 3 else None

    def _descriptor(self, kind, index):
        if kind == 1:
            return self.descriptors.device
        if kind == 2:
            return self.descriptors.configuration
        if kind == 3 and index == 0:
            return b"\x04\x03\x09\x04"
        if kind == 3 and index <= len(self.descriptors.strings):
            text = self.descriptors.strings[index - 1].encode("utf-16le")
            return bytes([len(text) + 2, 3]) + text
        return None


class _Plug:
    """The connection of one plugged device: its socket, what was received in part and what is to be sent."""

    def __init__(self, device, port):
        self.device, self.port = device, port
        self.pending = {}
        self._received, self._answers = bytearray(), bytearray()
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, open(_CONTROLLER + "attach", "w") as attach:
            attach.write(f"{port} {theirs.fileno()} {0x10001 + port} {HIGH_SPEED}")

    def answer(self, sequence, status, length, data=b"", packets=0, table=b""):
        self._answers += struct.pack(
            ">IIIIIiIIII8x", _RETURN_SUBMIT, sequence, 0, 0, 0, status, length, 0, packets, 0)
        self._answers += data
        self._answers += table

    def flush(self):
        if self._answers:
            self.socket.sendall(self._answers)
            self._answers.clear()

    def receive(self):
        """Reads and handles what came; False when the kernel closed the connection."""
        data = self.socket.recv(1 << 18)
        if not data:
            return False
        self._received += data
        while self._handle_message():
            pass
        return True

    def _handle_message(self):
        received = self._received
        if len(received) < _HEADER:
            return False
        command, sequence, _, direction, endpoint = struct.unpack_from(">IIIII", received)
        if command == _UNLINK:
            (unlinked,) = struct.unpack_from(">I", received, 20)
            del received[:_HEADER]
            status = ECONNRESET if self.pending.pop(unlinked, None) else 0
            self._answers += struct.pack(">IIIIIi24x", _RETURN_UNLINK, sequence, 0, 0, 0, status)
            return True
        _, length, _, count, _ = struct.unpack_from(">IIIII", received, 20)
        # Both mean "not isochronous".
        count = 0 if count == 0xFFFFFFFF else count
        sent = 0 if direction else length
        if len(received) < _HEADER + sent + 16 * count:
            return False
        setup = Setup(*struct.unpack_from("<BBHHH", received, 40))
        data = bytes(received[_HEADER : _HEADER + sent])
        packets = [struct.unpack_from(">II", received, _HEADER + sent + 16 * index) for index in range(count)]
        del received[: _HEADER + sent + 16 * count]
        if endpoint == 0:
            self._control(sequence, setup, data, bool(direction), length)
        else:
            transfer = Transfer(self, sequence, endpoint, bool(direction), length, data, packets or None)
            self.pending[sequence] = transfer
            self.device.submit(transfer)
        return True

    def _control(self, sequence, setup, data, is_in, length):
        reply = self.device.control(setup, data)
        if reply is None:
            self.answer(sequence, EPIPE, 0)
        elif is_in:
            reply = reply[: setup.length]
            self.answer(sequence, 0, len(reply), reply)
        else:
            self.answer(sequence, 0, length)


class Bus:
    """The loop that devices live in.

    `control`: path of a pipe to make, for commands a line each: `plug [PORT]`, `unplug [PORT]`, `quit`, and what the
    devices know (`Device.command`; the first word may be `PORT:`)."""

    def __init__(self, control=None):
        self._devices, self._plugs, self._timers = {}, {}, []
        self._count = itertools.count()
        self._is_running = True
        self._control = None
        if control:
            if not os.path.exists(control):
                os.mkfifo(control)
            # For writing too, so that the pipe never ends.
            self._control = os.open(control, os.O_RDWR | os.O_NONBLOCK)

    @staticmethod
    def now():
        """The present time, s."""
        return time.monotonic()

    def at(self, when, action):
        """Calls `action` at `when`, or as soon as possible when that is past."""
        heapq.heappush(self._timers, (when, next(self._count), action))

    def plug(self, device, port=0):
        """Plugs `device` in at the host controller's `port` (0 to 7: high speed)."""
        self._devices[port] = device
        if port in self._plugs:
            return
        try:
            plug = _Plug(device, port)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            # The kernel still clears up after the last unplugging.
            self.at(self.now() + 0.01, lambda: self.plug(device, port))
            return
        self._plugs[port] = plug
        print(f"plugged {port}", flush=True)

    def unplug(self, port=0):
        """Pulls the device at `port` out."""
        plug = self._plugs.get(port)
        if plug is None:
            return
        try:
            with open(_CONTROLLER + "detach", "w") as detach:
                detach.write(str(port))
        except OSError as error:
            print(f"unplug {port}: {error}", file=sys.stderr, flush=True)
        self._forget(plug)

    def _forget(self, plug):
        plug.socket.close()
        plug.pending.clear()
        del self._plugs[plug.port]
        plug.device.unplugged()
        print(f"unplugged {plug.port}", flush=True)

    def run(self, until=float("inf")):
        """Serves the devices until `quit`, or the time `until`; then pulls them out."""
        while self._is_running and (now := self.now()) < until:
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2]()
            for plug in self._plugs.values():
                plug.flush()
            wake = min(self._timers[0][0] if self._timers else until, until)
            wait = None if wake == float("inf") else max(0, wake - self.now())
            sources = [plug.socket for plug in self._plugs.values()]
            if self._control is not None:
                sources.append(self._control)
            # Not `poll`, whose milliseconds are too coarse.
            for source in select.select(sources, [], [], wait)[0]:
                self._read(source)
        for port in list(self._plugs):
            self.unplug(port)

    def _read(self, source):
        if source == self._control:
            for line in os.read(source, 4096).decode().splitlines():
                self._execute(line.split())
            return
        for plug in list(self._plugs.values()):
            if plug.socket is not source:
                continue
            try:
                is_open = plug.receive()
            except OSError:
                is_open = False
            if not is_open:
                self._forget(plug)

    def _execute(self, words):
        if not words:
            return
        port = int(words.pop(0)[:-1]) if words[0].endswith(":") else next(iter(self._devices), 0)
        if words[0] in ("plug", "unplug") and len(words) > 1:
            port = int(words[1])
        try:
            if words[0] == "quit":
                self._is_running = False
            elif words[0] == "plug":
                self.plug(self._devices[port], port)
            elif words[0] == "unplug":
                self.unplug(port)
            else:
                self._devices[port].command(words)
        except (KeyError, ValueError, IndexError) as error:
            print(f"command {' '.join(words)}: {error!r}", file=sys.stderr, flush=True)
