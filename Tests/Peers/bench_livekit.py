"""LiveKit's published client (libwebrtc inside) in the call that `salle-bench call` measures.

It does as little in Python as can be: hands over pictures and sound that exist already, and reads of what it receives
only the first picture. Prints a line a figure.
"""

import argparse
import asyncio
import json
import os
import resource
import time
import urllib.request

from livekit import rtc

WIDTH, HEIGHT, RATE = 1280, 720, 30


def tell(name, value):
    print(name, value, flush=True)


def enter(url, code):
    """The media server's URL and a token."""
    request = urllib.request.Request(
        f"{url}/api/v1.0/rooms/{code}/?username=Python", headers={"Accept": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        credentials = json.load(answer)["livekit"]
    return credentials["url"].replace("http", "ws", 1), credentials["token"]


def index(beat, count):
    """Forth and back."""
    position = beat % (2 * count - 2)
    return position if position < count else 2 * count - 2 - position


async def send_pictures(source, path):
    with open(path, "rb") as file:
        data = file.read()
    size = WIDTH * HEIGHT * 3 // 2
    frames = [
        rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, bytearray(data[i * size : (i + 1) * size]))
        for i in range(len(data) // size)
    ]
    del data
    begin, beat = time.monotonic(), 0
    while True:
        source.capture_frame(frames[index(beat, len(frames))], timestamp_us=int((begin + beat / RATE) * 1e6))
        beat += 1
        await asyncio.sleep(max(0, begin + beat / RATE - time.monotonic()))


async def send_sound(source, path):
    with open(path, "rb") as file:
        data = file.read()
    frames = [
        rtc.AudioFrame(bytearray(data[i : i + 1920]), 48000, 1, 960) for i in range(0, len(data) - 1919, 1920)
    ]
    position = 0
    while True:
        await source.capture_frame(frames[position])
        position = (position + 1) % len(frames)


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:")) * 1024 / 1e6


async def counts(camera, received):
    """Pictures sent by layer, bytes sent, pictures decoded and their widths."""
    result = {"layers": {}, "bytes": 0, "decoded": 0, "widths": []}
    for stat in await camera.get_stats():
        if stat.HasField("outbound_rtp"):
            out = stat.outbound_rtp
            result["layers"][out.outbound.rid] = out.outbound.frames_encoded
            result["bytes"] += out.sent.bytes_sent
    for track in received:
        for stat in await track.get_stats():
            if stat.HasField("inbound_rtp"):
                result["decoded"] += stat.inbound_rtp.inbound.frames_decoded
                result["widths"].append(stat.inbound_rtp.inbound.frame_width)
    return result


class Call:
    def __init__(self, arguments):
        self.arguments = arguments
        self.room = rtc.Room()
        self.first = asyncio.get_running_loop().create_future()
        self.pictures, self.sounds = [], 0
        self.room.on("track_subscribed", self.subscribed)

    def subscribed(self, track, publication, participant):
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            self.pictures.append(track)
            asyncio.create_task(self.await_first(track))
        else:
            self.sounds += 1

    async def await_first(self, track):
        stream = rtc.VideoStream(track, capacity=1)
        async for _ in stream:
            if not self.first.done():
                self.first.set_result(time.monotonic())
            break
        await stream.aclose()

    async def publish(self):
        picture = rtc.VideoSource(WIDTH, HEIGHT)
        sound = rtc.AudioSource(48000, 1)
        self.tasks = [
            asyncio.create_task(send_pictures(picture, self.arguments.pictures)),
            asyncio.create_task(send_sound(sound, self.arguments.sound)),
        ]
        self.camera = rtc.LocalVideoTrack.create_video_track("camera", picture)
        microphone = rtc.LocalAudioTrack.create_audio_track("microphone", sound)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_CAMERA, simulcast=True, video_codec=rtc.VideoCodec.VP8
        )
        options.video_encoding.max_bitrate = 1_700_000
        options.video_encoding.max_framerate = RATE
        await self.room.local_participant.publish_track(self.camera, options)
        await self.room.local_participant.publish_track(
            microphone, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, red=True, dtx=True)
        )

    async def measure(self):
        await asyncio.sleep(self.arguments.warm_up)
        before = await counts(self.camera, self.pictures)
        cost, begin = processor_time(), time.monotonic()
        await asyncio.sleep(self.arguments.seconds)
        spent, elapsed = processor_time() - cost, time.monotonic() - begin
        after = await counts(self.camera, self.pictures)
        tell("cpu", spent / elapsed)
        tell("resident_mb", resident())
        for name, rid in (("low", "q"), ("middle", "h"), ("high", "f")):
            frames = after["layers"].get(rid, 0) - before["layers"].get(rid, 0)
            tell(f"sent_{name}", frames / elapsed)
        tell("sent_kbps", (after["bytes"] - before["bytes"]) * 8 / 1000 / elapsed)
        tell("decoded", (after["decoded"] - before["decoded"]) / elapsed)
        tell("decoded_width", min(after["widths"], default=0))
        tell("sounds", self.sounds)

    async def run(self):
        begin = time.monotonic()
        loop = asyncio.get_running_loop()
        server, token = await loop.run_in_executor(None, enter, self.arguments.url, self.arguments.code)
        await self.room.connect(server, token)
        if not self.arguments.only_join:
            await self.publish()
        first = await asyncio.wait_for(self.first, 20)
        tell("first_picture_ms", (first - begin) * 1000)
        if not self.arguments.only_join:
            await self.measure()
            for task in self.tasks:
                task.cancel()
        await self.room.disconnect()


async def main(arguments):
    await Call(arguments).run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--code", required=True)
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--sound", required=True)
    parser.add_argument("--warm-up", type=float, default=8)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only-join", action="store_true")
    asyncio.run(main(parser.parse_args()))
    # What libwebrtc does at the end is not measured.
    os._exit(0)
