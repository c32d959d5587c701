#!/usr/bin/env python3
"""A USB camera that is a program: motion JPEG and YUYV over a bulk endpoint (USB Video Class 1.1), with its controls.

    uvc.py --pictures FOLDER [--control PIPE] [--port N] [--serial TEXT] [--no-motors]

FOLDER has the JPEG pictures, shown in order and over again, as WIDTHxHEIGHT-NAME.jpg. Lines written to PIPE:

    unplug / plug      pulls the cable out, puts it in again
    broken N           the next N pictures are garbled after half of their bytes
    short N            the next N pictures end after half of their bytes
    error N            the next N pictures are marked as faulty by the camera
    stall SECONDS      sends nothing for so long
    privacy 0|1        opens or closes the shutter
    quit
"""
import argparse
import glob
import os
import struct

import descriptors
import usbip

SIZES = [(1920, 1080), (1280, 720), (640, 480)]
MJPEG = 1
# So that each transfer of the host carries one payload with its own header.
PAYLOAD = 16384
HEADER = 12
SET_CUR, GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF = 1, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87


class Control:
    """A control of a terminal or unit (UVC 1.1, 4.2.2): its layout and its values, a tuple each."""

    def __init__(self, layout, minimum, maximum, default, step=1, info=3):
        def values(value):
            return value if isinstance(value, tuple) else (value,)

        self._layout, self.info = "<" + layout, info
        self.current, self._default = values(default), values(default)
        self._minimum, self._maximum, self._step = values(minimum), values(maximum), values(step)

    def answer(self, request):
        if request == GET_LEN:
            return struct.pack("<H", struct.calcsize(self._layout))
        if request == GET_INFO:
            return bytes([self.info])
        values = {GET_CUR: self.current, GET_MIN: self._minimum, GET_MAX: self._maximum, GET_RES: self._step,
                  GET_DEF: self._default}.get(request)
        return None if values is None else struct.pack(self._layout, *values)

    def set(self, data):
        self.current = struct.unpack(self._layout, data[: struct.calcsize(self._layout)])


def camera_controls(has_motors):
    """Controls by (unit, selector), and the bitmaps of the two descriptors (UVC 1.1, 3.7.2.3 and 3.7.2.5)."""
    controls = {
        (1, 0x02): Control("B", 1, 8, 8, step=9),  # exposure mode: manual, aperture priority
        (1, 0x04): Control("I", 1, 5000, 156),  # exposure time, 100 µs
        (1, 0x06): Control("H", 0, 250, 0, step=5),  # focus
        (1, 0x08): Control("B", 0, 1, 1),  # automatic focus
        (1, 0x11): Control("B", 0, 1, 0, info=9),  # privacy shutter: can only be read, and changes by itself
        (2, 0x02): Control("h", -64, 64, 0),  # brightness
        (2, 0x04): Control("H", 0, 100, 0),  # gain
        (2, 0x05): Control("B", 0, 2, 2),  # power line frequency: off, 50 Hz, 60 Hz
        (2, 0x0A): Control("H", 2800, 6500, 4600, step=10),  # white balance, K
        (2, 0x0B): Control("B", 0, 1, 1),  # automatic white balance
    }
    camera, processing = 1 << 1 | 1 << 3 | 1 << 5 | 1 << 17 | 1 << 18, 1 << 0 | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 12
    if has_motors:
        controls |= {
            (1, 0x0B): Control("H", 100, 400, 100),  # zoom
            (1, 0x0D): Control("ii", (-576000, -324000), (576000, 324000), (0, 0), step=(3600, 3600)),  # arc seconds
            (1, 0x0E): Control("bBbB", (-1, 1, -1, 1), (1, 24, 1, 20), (0, 1, 0, 1), step=(1, 1, 1, 1)),
        }
        camera |= 1 << 9 | 1 << 11 | 1 << 12
    return controls, camera, processing


class Camera(usbip.Device):
    def __init__(self, bus, folder, serial, has_motors):
        self.controls, camera, processing = camera_controls(has_motors)
        path = os.path.join(os.path.dirname(__file__), "camera.usb")
        super().__init__(bus, descriptors.read(path, serial=serial, camera=camera, processing=processing))
        self._pictures = {size: self._read(folder, size) for size in SIZES}
        self._faults = {"broken": 0, "short": 0, "error": 0}
        self._stalled_until = self._last = 0.0
        self._number = 0
        self.unplugged()

    @staticmethod
    def _read(folder, size):
        pictures = []
        for path in sorted(glob.glob(os.path.join(folder, f"{size[0]}x{size[1]}-*.jpg"))):
            with open(path, "rb") as file:
                pictures.append(file.read())
        return pictures

    def unplugged(self):
        self._format, self._size, self._interval = MJPEG, 1, 333333
        self._frame, self._sent, self._flag, self._due, self._header = b"", 0, 0, None, 0

    def clear_halt(self, endpoint):
        self._due, self._frame, self._sent, self._last = None, b"", 0, 0.0

    def command(self, words):
        if words[0] in self._faults:
            self._faults[words[0]] = int(words[1])
        elif words[0] == "stall":
            self._stalled_until = self.bus.now() + float(words[1])
        elif words[0] == "privacy":
            self.controls[(1, 0x11)].current = (int(words[1]),)
        else:
            super().command(words)

    def class_request(self, setup, data):
        interface, selector, unit = setup.index & 255, setup.value >> 8, setup.index >> 8
        if interface == 1 and selector in (1, 2):
            return self._negotiate(setup, selector, data)
        control = self.controls.get((unit, selector))
        if interface != 0 or control is None:
            return None
        if setup.request == SET_CUR and control.info & 2:
            control.set(data)
            print(f"control {unit} {selector:#x} {' '.join(map(str, control.current))}", flush=True)
            return b""
        return control.answer(setup.request)

    def _negotiate(self, setup, selector, data):
        """Probe and commit (UVC 1.1, 4.3.1.1)."""
        if setup.request == SET_CUR:
            self._format, self._size = max(data[2], 1), max(data[3], 1)
            self._interval = struct.unpack_from("<I", data, 4)[0] or 333333
            if selector == 2:
                self.clear_halt(0x81)
            return b""
        if setup.request == GET_LEN:
            return struct.pack("<H", 34)
        if setup.request == GET_INFO:
            return b"\3"
        width, height = SIZES[min(self._size, len(SIZES)) - 1]
        return struct.pack("<HBBIHHHHHIIIBBBB", 1, self._format, self._size, self._interval, 0, 0, 0, 0, 0,
                           width * height * 2, PAYLOAD, 48000000, 3, 0, 0, 0)

    def submit(self, transfer):
        now = self.bus.now()
        if self._due is None:
            self._due = now
        if self._sent == len(self._frame):
            # Between pictures: the next begins when its time has come, and never more than one behind.
            self._due = max(self._due, now - 0.05)
            begin = self._due
            self._due += self._interval * 1e-7
            self._begin_frame()
        else:
            begin = now
        position = self._sent
        count = min(PAYLOAD - HEADER, transfer.length - HEADER, len(self._frame) - position)
        self._sent += count
        ends = self._sent == len(self._frame)
        payload = bytes([HEADER, 0x80 | self._header | (2 if ends else 0)]) + bytes(10)
        payload += self._frame[position : position + count]
        self._answer(transfer, payload, begin)

    def _answer(self, transfer, payload, begin):
        # In the order in which they were asked for, 0.2 ms each as USB 2 takes.
        self._last = max(self._last + 0.0002, begin, self._stalled_until)
        self.bus.at(self._last, lambda: transfer.complete(payload))

    def _begin_frame(self):
        self._flag ^= 1
        self._header, self._sent = self._flag, 0
        width, height = SIZES[self._size - 1]
        self._number += 1
        if self._format == MJPEG:
            pictures = self._pictures[(width, height)]
            if not pictures:
                raise SystemExit(f"uvc.py: no pictures of {width}x{height}")
            self._frame = pictures[self._number % len(pictures)]
        else:
            self._frame = bytes([16 + self._number % 200, 128]) * (width * height)
        for fault, count in self._faults.items():
            if count > 0:
                self._faults[fault] = count - 1
                self._spoil(fault)

    def _spoil(self, fault):
        half = len(self._frame) // 2
        if fault == "error":
            self._header |= 0x40
        elif fault == "short":
            self._frame = self._frame[:half]
        else:
            self._frame = self._frame[:40] + bytes(byte ^ 0x5A for byte in self._frame[40:half]) + self._frame[half:]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--control")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--serial", default="CAM001")
    parser.add_argument("--no-motors", action="store_true")
    arguments = parser.parse_args()
    bus = usbip.Bus(arguments.control)
    bus.plug(Camera(bus, arguments.pictures, arguments.serial, not arguments.no_motors), arguments.port)
    bus.run()


if __name__ == "__main__":
    main()
