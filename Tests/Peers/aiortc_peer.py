"""aiortc as the other end of a bare peer connection.

Descriptions travel as JSON lines on standard input and output. As told, it offers or answers; it sends a picture of
known colours and a tone, opens or answers a data channel, and says at the end what it received.
"""

import argparse
import asyncio
import fractions
import json
import math
import sys
import time

import av
import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack


class Bars(VideoStreamTrack):
    """Two halves of luma 60 and 160, 320×240 at 30 a second."""

    async def recv(self):
        pts, base = await self.next_timestamp()
        y = np.full((240, 320), 60, dtype=np.uint8)
        y[:, 160:] = 160
        x = (pts // 3000 * 4) % 280
        y[100:140, x : x + 40] = 220
        planes = np.vstack([y.reshape(-1, 320), np.full((120, 320), 128, dtype=np.uint8)])
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts, frame.time_base = pts, base
        return frame


class Tone(AudioStreamTrack):
    """A sine at 48 kHz."""

    def __init__(self, frequency):
        super().__init__()
        self.frequency = frequency
        self.index = 0
        self.begin = None

    async def recv(self):
        self.begin = self.begin or time.monotonic()
        await asyncio.sleep(max(0, self.begin + self.index / 48000 - time.monotonic()))
        t = (np.arange(960) + self.index) / 48000
        samples = (np.sin(2 * math.pi * self.frequency * t) * 8000).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = 48000
        frame.pts, frame.time_base = self.index, fractions.Fraction(1, 48000)
        self.index += 960
        return frame


async def watch(track, result):
    arrivals, means = [], []
    result["frames"] = 0
    try:
        while True:
            frame = await track.recv()
            arrivals.append(time.monotonic())
            picture = frame.to_ndarray(format="yuv420p")[: frame.height]
            means.append(float(picture.mean()))
            result["frames"] = len(arrivals)
            result["size"] = f"{frame.width}x{frame.height}"
            result["luma"] = float(np.median(means))
            result["corner"] = float(picture[: frame.height // 20, : frame.width // 20].mean())
            late = [t for t in arrivals if t > arrivals[0] + 1]
            gaps = np.diff(late)
            result["longest_gap_ms"] = float(gaps.max() * 1000) if len(gaps) else 0
    except MediaStreamError:
        pass


async def listen(track, result):
    samples = []
    result["frames"] = 0
    try:
        while True:
            frame = await track.recv()
            data = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0] / 32768
            samples.append(data)
            result["frames"] = len(samples)
            if len(samples) > 100 and len(samples) % 50 == 0:
                sound = np.concatenate(samples[-50:])
                spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 8 * len(sound)))
                result["tone_hz"] = float(np.argmax(spectrum) * frame.sample_rate / (8 * len(sound)))
                result["rms"] = float(np.sqrt(np.mean(sound**2)))
    except MediaStreamError:
        pass


async def read_line():
    loop = asyncio.get_running_loop()
    return json.loads(await loop.run_in_executor(None, sys.stdin.readline))


def write_line(value):
    print(json.dumps(value), flush=True)


async def run(arguments):
    connection = RTCPeerConnection()
    result = {"picture": {}, "sound": {}, "messages": [], "states": []}
    tasks = []

    @connection.on("track")
    def on_track(track):
        handler, key = (watch, "picture") if track.kind == "video" else (listen, "sound")
        tasks.append(asyncio.create_task(handler(track, result[key])))

    @connection.on("connectionstatechange")
    def on_state():
        result["states"].append(connection.connectionState)

    @connection.on("datachannel")
    def on_channel(channel):
        @channel.on("message")
        def on_message(message):
            result["messages"].append(message if isinstance(message, str) else message.decode())
            channel.send("answer to " + result["messages"][-1])

    if arguments.role == "offerer":
        connection.addTrack(Tone(arguments.tone))
        connection.addTrack(Bars())
        channel = connection.createDataChannel("chat")

        @channel.on("open")
        def on_open():
            channel.send("bonjour")

        @channel.on("message")
        def on_answer(message):
            result["messages"].append(message if isinstance(message, str) else message.decode())

        await connection.setLocalDescription(await connection.createOffer())
        write_line({"type": "offer", "sdp": connection.localDescription.sdp})
        answer = await read_line()
        await connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
    else:
        offer = await read_line()
        await connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        connection.addTrack(Tone(arguments.tone))
        connection.addTrack(Bars())
        await connection.setLocalDescription(await connection.createAnswer())
        write_line({"type": "answer", "sdp": connection.localDescription.sdp})

    await asyncio.sleep(arguments.seconds)
    for task in tasks:
        task.cancel()
    write_line(result)
    await read_line()
    await connection.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["offerer", "answerer"])
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--tone", type=float, default=440)
    asyncio.run(run(parser.parse_args()))
