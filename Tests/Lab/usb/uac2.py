#!/usr/bin/env python3
"""A USB microphone array with a loudspeaker (USB Audio Class 2), with clocks of its own.

    uac2.py [--channels 8] [--ppm N] [--speaker-ppm N] [--sound tones|echo|silence] [--speaker FILE] [--control PIPE] ...

Channel c of the microphones hears a tone of (c + 1) * 250 Hz at -12 dBFS, or what the loudspeaker's left side plays, or
nothing. Both streams: 16 bits, 48 kHz by the device's own clock, which runs N ppm fast. Commands besides those of
`usbip.Bus`: `stall on|off` lets the microphones' stream dry up, as a device does whose firmware hangs.
"""
import argparse
import array
import math
import os
import struct

import descriptors
import usbip

RATE = 48000
CUR, RANGE = 1, 2
#: dB in units of 1/256.
LEAST, MOST, STEP = -60 * 256, 0, 256
#: Frames after which all tones are at their beginning again.
PERIOD = 192
#: Frames of echo that are held: what is played meanwhile is heard so much later.
ECHO_DELAY = 96


class Array(usbip.Device):
    """See the module."""

    def __init__(self, bus, options):
        described = descriptors.read(
            os.path.join(os.path.dirname(__file__), "array.usb"), name=options.name, serial=options.serial,
            vendor=options.vendor, product=options.product, channels=f"{options.channels:02X}",
            in_source="06", out_source="07", in_controls="0xF:4" + " 0:4" * options.channels)
        super().__init__(bus, described)
        self._channels, self._sound = options.channels, options.sound
        self._rate = RATE * (1 + options.ppm * 1e-6)
        self._speaker_packet = 0.001 / (1 + options.speaker_ppm * 1e-6)
        self._tones = array.array("h", (
            int(8192 * math.sin(2 * math.pi * (channel + 1) * 250 * frame / RATE))
            for frame in range(PERIOD) for channel in range(self._channels)))
        # Twice, so that a packet's worth can be cut out at any place.
        self._tones += self._tones
        self._file = open(options.speaker, "wb") if options.speaker else None
        self._values = {}
        self._is_stalled = False
        self.unplugged()

    def unplugged(self):
        self._due = {}
        self._fraction, self._position = 0.0, 0
        self._echo = array.array("h", bytes(2 * ECHO_DELAY))

    def set_alternate(self, interface, alternate):
        self._due.pop({1: 0x81, 2: 0x02}.get(interface), None)

    def command(self, words):
        if words[0] != "stall":
            raise ValueError("unknown command")
        self._is_stalled = words[1] == "on"

    def class_request(self, setup, data):
        unit, control = setup.index >> 8, setup.value >> 8
        is_read = setup.request_type & 0x80
        if unit == 1 and control == 1:
            if setup.request == RANGE:
                return struct.pack("<HIII", 1, RATE, RATE, 0)
            return struct.pack("<I", RATE) if is_read else b""
        if unit == 1 and control == 2:
            return b"\1"
        if unit in (6, 7) and control in (1, 2):
            return self._level(setup, data, unit, control)
        return None

    def _level(self, setup, data, unit, control):
        """Mute (control 1, a byte) and volume (control 2, a word)."""
        key = (unit, control, setup.value & 255)
        if setup.request == RANGE:
            return struct.pack("<Hhhh", 1, LEAST, MOST, STEP)
        if setup.request_type & 0x80:
            return self._values.get(key, bytes(control))
        self._values[key] = data
        return b""

    def submit(self, transfer):
        key = transfer.endpoint | (0x80 if transfer.is_in else 0)
        length = len(transfer.packets) * (0.001 if transfer.is_in else self._speaker_packet)
        # By the schedule since the stream began: who is late catches up.
        due = max(self._due.get(key, 0), self.bus.now() - 0.1) + length
        self._due[key] = due
        self.bus.at(due, lambda: (self._hear if transfer.is_in else self._play)(transfer))

    def _hear(self, transfer):
        if self._is_stalled or not transfer.is_pending:
            return
        packets = []
        for _ in transfer.packets:
            self._fraction += self._rate * 0.001
            count = int(self._fraction)
            self._fraction -= count
            packets.append(self._frames(count))
        transfer.complete_packets(packets)

    def _frames(self, count):
        if self._sound == "echo":
            frames = array.array("h", bytes(2 * count * self._channels))
            left, self._echo = self._echo[:count], self._echo[count:]
            left.extend([0] * (count - len(left)))
            for channel in range(self._channels):
                frames[channel :: self._channels] = left
            return frames.tobytes()
        if self._sound == "silence":
            return bytes(2 * count * self._channels)
        start = self._position % PERIOD
        self._position += count
        return self._tones[start * self._channels : (start + count) * self._channels].tobytes()

    def _play(self, transfer):
        if not transfer.is_pending:
            return
        if self._sound == "echo":
            samples = array.array("h", transfer.data)
            # As much as a room holds; more would be a clock that runs away.
            self._echo = (self._echo + samples[0::2])[-RATE // 4 :]
        if self._file:
            self._file.write(transfer.data)
        transfer.complete_packets()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--ppm", type=float, default=0)
    parser.add_argument("--speaker-ppm", type=float, default=0)
    parser.add_argument("--sound", choices=["tones", "echo", "silence"], default="tones")
    parser.add_argument("--speaker", help="file that what is played is written to: 16 bits, stereo")
    parser.add_argument("--control")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--name", default="Microphone array")
    parser.add_argument("--serial", default="MIC001")
    parser.add_argument("--vendor", default="0x1209")
    parser.add_argument("--product", default="0x0A01")
    options = parser.parse_args()
    bus = usbip.Bus(options.control)
    bus.plug(Array(bus, options), options.port)
    bus.run()


if __name__ == "__main__":
    main()
