"""LiveKit's published Python client watches and hears a room: what it decodes goes to files, for the test to compare.

Prints one JSON object: the pictures' files with their sizes, their rhythm, and what the tone is like.
"""

import argparse
import asyncio
import json
import math
import os
import time

import numpy as np
from livekit import rtc

from livekit_client import join, tone


def residual_db(sound, frequency):
    """The worst of all 20 ms windows: what a sine of the tone's frequency doesn't explain, relative to the tone, dB."""
    hop = 960
    t = np.arange(hop) / 48000
    basis = np.stack([np.sin(2 * math.pi * frequency * t), np.cos(2 * math.pi * frequency * t)], axis=1)
    solver = np.linalg.pinv(basis)
    worst = -200.0
    for start in range(0, len(sound) - hop, hop // 2):
        window = sound[start : start + hop]
        rest = window - basis @ (solver @ window)
        power = np.mean(window**2)
        if power > 0:
            worst = max(worst, 10 * math.log10(np.mean(rest**2) / power + 1e-20))
    return worst


async def watch(arguments):
    room = rtc.Room()
    tasks, pictures, arrivals, samples, sound_arrivals = [], [], [], [], []

    async def see(track):
        async for event in rtc.VideoStream(track, format=rtc.VideoBufferType.I420):
            arrivals.append(time.monotonic())
            frame = event.frame
            # The top layer, once it has come, a picture from time to time.
            if frame.width == 1280 and len(pictures) < 12 and len(arrivals) % 23 == 0:
                path = os.path.join(arguments.folder, f"{len(pictures)}.i420")
                with open(path, "wb") as file:
                    file.write(bytes(frame.data))
                pictures.append({"path": path, "width": frame.width, "height": frame.height})

    async def hear(track):
        async for event in rtc.AudioStream(track, sample_rate=48000, num_channels=1):
            sound_arrivals.append(time.monotonic())
            samples.append(np.frombuffer(event.frame.data, dtype=np.int16).astype(np.float64) / 32768)

    def subscribed(track, publication, participant):
        if participant.name == arguments.name:
            take = see if track.kind == rtc.TrackKind.KIND_VIDEO else hear
            tasks.append(asyncio.create_task(take(track)))

    room.on("track_subscribed", subscribed)
    server, token, _ = join(arguments.url, arguments.code, "Watcher")
    await room.connect(server, token)
    await asyncio.sleep(arguments.seconds)
    for task in tasks:
        task.cancel()
    await room.disconnect()

    # What comes first is still being smoothed.
    sound = np.concatenate(samples)[96000:] if samples else np.zeros(0)
    seen = np.array([t for t in arrivals if t > arrivals[0] + 2]) if arrivals else np.zeros(0)
    return {
        "pictures": pictures,
        "rate": float((len(seen) - 1) / (seen[-1] - seen[0])) if len(seen) > 1 else 0,
        "longest_picture_gap_ms": float(np.diff(seen).max() * 1000) if len(seen) > 1 else 1e9,
        "longest_sound_gap_ms": float(np.diff(sound_arrivals[100:]).max() * 1000) if len(sound_arrivals) > 102 else 1e9,
        "sound_seconds": len(sound) / 48000,
        "tone_hz": tone(sound),
        "residual_db": residual_db(sound, arguments.tone) if len(sound) else 0,
    }


parser = argparse.ArgumentParser()
parser.add_argument("--url", required=True)
parser.add_argument("--code", required=True)
parser.add_argument("--name", required=True)
parser.add_argument("--folder", required=True)
parser.add_argument("--seconds", type=float, default=12)
parser.add_argument("--tone", type=float, default=440)
print(json.dumps(asyncio.run(watch(parser.parse_args()))), flush=True)
