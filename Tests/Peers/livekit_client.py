"""LiveKit's published client (libwebrtc inside) in the practice room.

Joins through the Visio API, and as its task says looks and listens to the room's own participants, or publishes and
has a second client look and listen. Prints one JSON object, on which the test decides.
"""

import argparse
import asyncio
import json
import math
import time
import urllib.request

import numpy as np
from livekit import rtc


def join(url, code, name):
    """The media server's URL and a token, by the way that a room device takes."""
    api = f"{url}/api/v1.0"
    request = urllib.request.Request(
        f"{api}/rooms/{code}/request-entry/",
        data=json.dumps({"username": name}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        entry = json.load(answer)
    assert entry["status"] == "accepted", entry
    return entry["livekit"]["url"].replace("http", "ws", 1), entry["livekit"]["token"], entry["id"]


class Listener:
    """Listens to one audio track: gaps, loudness, tone."""

    def __init__(self, track):
        self.stream = rtc.AudioStream(track, sample_rate=48000, num_channels=1)
        self.samples = []
        self.arrivals = []
        self.task = asyncio.create_task(self.run())

    async def run(self):
        async for event in self.stream:
            self.arrivals.append(time.monotonic())
            self.samples.append(np.frombuffer(event.frame.data, dtype=np.int16).copy())

    async def stop(self):
        self.task.cancel()
        await self.stream.aclose()

    def result(self, skip_seconds=1.0):
        if not self.samples:
            return {"frames": 0}
        sound = np.concatenate(self.samples).astype(np.float64) / 32768
        sound = sound[int(skip_seconds * 48000):]
        gaps = np.diff(np.array(self.arrivals))
        return {
            "frames": len(self.samples),
            "seconds": len(sound) / 48000,
            "longest_gap_ms": float(gaps.max() * 1000) if len(gaps) else 0,
            "rms": float(np.sqrt(np.mean(sound**2))) if len(sound) else 0,
            "tone_hz": tone(sound),
            "silence_longest_ms": longest_silence(sound),
        }

    def beeps(self, frequency):
        """Times (by the local clock) at which a beep of `frequency` begins.

        The program is given 10 ms of sound every 10 ms. How late it is woken is its own affair and not the sound's, so
        each block counts from when the blocks around it came in time.
        """
        if not self.samples:
            return []
        sound = np.concatenate(self.samples).astype(np.float64) / 32768
        hop = 480
        count = len(sound) // hop
        turn = np.exp(-2j * math.pi * frequency * np.arange(hop) / 48000)
        power = np.abs(sound[: count * hop].reshape(count, hop) @ turn) / hop
        threshold = 0.5 * np.percentile(power, 97)
        loud = power > max(threshold, 0.01)
        starts = [i for i in range(1, count) if loud[i] and not loud[i - 1] and not loud[max(0, i - 20):i].any()]
        frame = len(self.samples[0])
        arrivals = in_time(np.array(self.arrivals), np.arange(len(self.arrivals)) * frame / 48000)
        times = []
        for start in starts:
            index = min(start * hop // frame, len(arrivals) - 1)
            times.append(arrivals[index] + (start * hop - index * frame) / 48000)
        return times


def in_time(arrivals, schedule, reach=50):
    """When things that are due by `schedule` came, or would have come had the program not been woken late."""
    late = arrivals - schedule
    return schedule + np.array([late[max(0, i - reach):i + reach + 1].min() for i in range(len(late))])


def tone(sound):
    """The strongest frequency, by parabolic interpolation of the spectrum."""
    if len(sound) < 48000 or not np.any(sound):
        return 0
    window = sound[-48000 * 2:] if len(sound) >= 96000 else sound
    spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window))))
    peak = int(np.argmax(spectrum[10:])) + 10
    if peak + 1 >= len(spectrum):
        return 0
    a, b, c = np.log(spectrum[peak - 1 : peak + 2] + 1e-12)
    shift = 0.5 * (a - c) / (a - 2 * b + c)
    return float((peak + shift) * 48000 / len(window))


def longest_silence(sound):
    hop = 480
    count = len(sound) // hop
    if count == 0:
        return 0
    level = np.abs(sound[: count * hop]).reshape(count, hop).max(axis=1)
    longest = current = 0
    for value in level:
        current = current + 10 if value < 0.002 else 0
        longest = max(longest, current)
    return longest


class Watcher:
    """Watches one video track: rhythm, sizes, and what the picture shows."""

    def __init__(self, track):
        self.stream = rtc.VideoStream(track, format=rtc.VideoBufferType.I420)
        self.arrivals = []
        self.due = []
        self.sizes = []
        self.clocks = []
        self.flashes = []
        self.colours = []
        self.bright = False
        self.task = asyncio.create_task(self.run())

    async def run(self):
        async for event in self.stream:
            now = time.monotonic()
            frame = event.frame
            self.arrivals.append(now)
            self.due.append(event.timestamp_us / 1e6)
            self.sizes.append((frame.width, frame.height))
            data = np.frombuffer(frame.data, dtype=np.uint8)
            luma = data[: frame.width * frame.height].reshape(frame.height, frame.width)
            cw, ch = (frame.width + 1) // 2, (frame.height + 1) // 2
            u = data[frame.width * frame.height :][: cw * ch].reshape(ch, cw)
            v = data[frame.width * frame.height + cw * ch :][: cw * ch].reshape(ch, cw)
            self.inspect(luma, u, v, now)

    def inspect(self, luma, u, v, now):
        height, width = luma.shape
        unit = max(min(width / 32, height / 18), 1)
        x0, y0 = int(width - 4.5 * unit), int(1.5 * unit)
        patch = luma[y0 : y0 + int(3 * unit), x0 : x0 + int(3 * unit)]
        bright = patch.mean() > 200
        if bright and not self.bright:
            self.flashes.append(len(self.due) - 1)
        self.bright = bright
        # The sky at the left edge stands still; its colour tells the participant.
        self.colours.append(
            (
                float(luma[: height // 20 + 1, : width // 20 + 1].mean()),
                float(u[: u.shape[0] // 20 + 1, : u.shape[1] // 20 + 1].mean()),
                float(v[: v.shape[0] // 20 + 1, : v.shape[1] // 20 + 1].mean()),
            )
        )

    def flash_times(self):
        """Times (by the local clock) at which a flash was to be shown: libwebrtc says of each picture when that is."""
        shown = in_time(np.array(self.arrivals), np.array(self.due))
        return [shown[index] for index in self.flashes]

    async def stop(self):
        self.task.cancel()
        await self.stream.aclose()

    def result(self, skip_seconds=2.0):
        if not self.arrivals:
            return {"frames": 0}
        start = self.arrivals[0] + skip_seconds
        kept = np.array([t for t in self.arrivals if t >= start])
        gaps = np.diff(kept)
        colours = np.array(self.colours)
        return {
            "frames": len(self.arrivals),
            "seconds": float(kept[-1] - kept[0]) if len(kept) > 1 else 0,
            "rate": float((len(kept) - 1) / (kept[-1] - kept[0])) if len(kept) > 1 else 0,
            "longest_gap_ms": float(gaps.max() * 1000) if len(gaps) else 0,
            "sizes": sorted({f"{w}x{h}" for w, h in self.sizes}),
            "last_size": f"{self.sizes[-1][0]}x{self.sizes[-1][1]}",
            "flashes": len(self.flashes),
            "flash_period_ms": float(np.median(np.diff(self.flash_times())) * 1000) if len(self.flashes) > 2 else 0,
            "colour": [float(x) for x in np.median(colours, axis=0)],
        }


class Member:
    """One client in the room."""

    def __init__(self, name):
        self.name = name
        self.room = rtc.Room()
        self.listeners = {}
        self.watchers = {}
        self.data = []
        self.chat = []
        self.speakers = set()
        self.events = []
        self.room.on("track_subscribed", self.subscribed)
        self.room.on("data_received", self.received)
        self.room.on("active_speakers_changed", lambda s: self.speakers.update(p.identity for p in s))
        self.room.on("disconnected", lambda reason: self.events.append(f"disconnected {reason}"))
        self.room.register_text_stream_handler("lk.chat", self.chatted)

    def subscribed(self, track, publication, participant):
        key = participant.name or participant.identity
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self.listeners[key] = Listener(track)
        else:
            self.watchers[key] = Watcher(track)

    def received(self, packet):
        self.data.append(
            {"topic": packet.topic, "text": packet.data.decode(errors="replace"),
             "from": packet.participant.name if packet.participant else None}
        )

    def chatted(self, reader, identity):
        async def read():
            self.chat.append({"from": identity, "text": await reader.read_all()})
        asyncio.create_task(read())

    async def join(self, url, code):
        server, token, self.identity = join(url, code, self.name)
        begin = time.monotonic()
        await self.room.connect(server, token)
        self.join_seconds = time.monotonic() - begin

    async def leave(self):
        for each in list(self.listeners.values()) + list(self.watchers.values()):
            await each.stop()
        await self.room.disconnect()

    def result(self):
        return {
            "name": self.name,
            "join_seconds": self.join_seconds,
            "participants": sorted(p.name for p in self.room.remote_participants.values()),
            "sounds": {k: v.result() for k, v in self.listeners.items()},
            "pictures": {k: v.result() for k, v in self.watchers.items()},
            "data": self.data,
            "chat": self.chat,
            "events": self.events,
        }


def lip_sync(member, name, frequency):
    """Beep minus flash, ms, one for each second."""
    if name not in member.listeners or name not in member.watchers:
        return []
    beeps = member.listeners[name].beeps(frequency)
    result = []
    # libwebrtc brings sound and picture together step by step.
    for flash in member.watchers[name].flash_times()[5:]:
        near = [b - flash for b in beeps if abs(b - flash) < 0.5]
        if near:
            result.append(min(near, key=abs) * 1000)
    return result


async def subscribe(arguments):
    member = Member("Python")
    await member.join(arguments.url, arguments.code)
    await asyncio.sleep(arguments.seconds)
    result = member.result()
    result["lip_sync_ms"] = {name: lip_sync(member, name, 1000) for name in member.watchers}
    result["speakers"] = sorted(member.speakers)
    await member.leave()
    return result


def paint(width, height, index):
    """Bars of known colours, a block that wanders, and a flash each second at 25 pictures a second."""
    y = np.full((height, width), 60, dtype=np.uint8)
    y[:, width // 2 :] = 160
    x = (index * 8) % (width - 32)
    y[height // 2 : height // 2 + 32, x : x + 32] = 220
    unit = max(min(width / 32, height / 18), 1)
    if index % 25 < 3:
        y[int(unit) : int(5 * unit), int(width - 5 * unit) : int(width - unit)] = 235
    u = np.full((height // 2, width // 2), 90, dtype=np.uint8)
    v = np.full((height // 2, width // 2), 170, dtype=np.uint8)
    return y.tobytes() + u.tobytes() + v.tobytes()


async def send_picture(source, width, height):
    index, begin = 0, time.monotonic()
    while True:
        source.capture_frame(
            rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, paint(width, height, index)),
            timestamp_us=int((begin + index / 25) * 1e6),
        )
        index += 1
        await asyncio.sleep(max(0, begin + index / 25 - time.monotonic()))


async def send_tone(source, frequency):
    phase = 0
    while True:
        t = (np.arange(480) + phase) / 48000
        samples = (np.sin(2 * math.pi * frequency * t) * 8000).astype(np.int16)
        phase += 480
        frame = rtc.AudioFrame(samples.tobytes(), 48000, 1, 480)
        await source.capture_frame(frame)


async def publish(arguments):
    sender, receiver = Member("Sender"), Member("Receiver")
    await sender.join(arguments.url, arguments.code)
    await receiver.join(arguments.url, arguments.code)
    width, height = 640, 360
    picture = rtc.VideoSource(width, height)
    track = rtc.LocalVideoTrack.create_video_track("camera", picture)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA)
    if arguments.codec == "vp9":
        options.video_codec = rtc.VideoCodec.VP9
    else:
        options.video_codec = rtc.VideoCodec.VP8
    sound = rtc.AudioSource(48000, 1)
    voice = rtc.LocalAudioTrack.create_audio_track("microphone", sound)
    tasks = [
        asyncio.create_task(send_picture(picture, width, height)),
        asyncio.create_task(send_tone(sound, arguments.tone)),
    ]
    await sender.room.local_participant.publish_track(track, options)
    await sender.room.local_participant.publish_track(
        voice, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    )
    await asyncio.sleep(2)
    await sender.room.local_participant.publish_data(b'{"type":"hello"}', reliable=True, topic="practice")
    await receiver.room.local_participant.publish_data(b'{"type":"lossy"}', reliable=False)
    await sender.room.local_participant.send_text("Bonjour à tous", topic="lk.chat")
    await receiver.room.local_participant.send_text("Bonjour \U0001f44b" + "é" * 20000, topic="lk.chat")
    await asyncio.sleep(arguments.seconds)
    result = {"sender": sender.result(), "receiver": receiver.result()}
    result["receiver"]["speakers"] = sorted(receiver.speakers)
    result["sender_identity"] = sender.identity
    for task in tasks:
        task.cancel()
    await receiver.leave()
    await sender.leave()
    return result


async def change(arguments):
    """A speaker whose microphone comes and goes; says what a listener made of each time."""
    sender, receiver = Member("Sender"), Member("Receiver")
    await sender.join(arguments.url, arguments.code)
    await receiver.join(arguments.url, arguments.code)
    tones = []
    for turn in range(4):
        frequency = 400 + 100 * turn
        sound = rtc.AudioSource(48000, 1)
        voice = rtc.LocalAudioTrack.create_audio_track(f"microphone {turn}", sound)
        task = asyncio.create_task(send_tone(sound, frequency))
        published = await sender.room.local_participant.publish_track(
            voice, rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        )
        await asyncio.sleep(4)
        listener = receiver.listeners.pop("Sender", None)
        tones.append(listener.result() if listener else {"frames": 0})
        if listener:
            await listener.stop()
        await sender.room.local_participant.unpublish_track(published.sid)
        task.cancel()
        await asyncio.sleep(0.5)
    await receiver.leave()
    await sender.leave()
    return {"sounds": tones}


async def wait(arguments):
    """Joins and waits to be sent away."""
    member = Member("Python")
    await member.join(arguments.url, arguments.code)
    print(json.dumps({"identity": member.identity}), flush=True)
    for _ in range(int(arguments.seconds * 10)):
        if member.events:
            break
        await asyncio.sleep(0.1)
    result = {"events": member.events}
    await member.room.disconnect()
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["subscribe", "publish", "change", "wait"])
    parser.add_argument("--url", required=True)
    parser.add_argument("--code", required=True)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--codec", default="vp8")
    parser.add_argument("--tone", type=float, default=440)
    arguments = parser.parse_args()
    task = {"subscribe": subscribe, "publish": publish, "change": change, "wait": wait}[arguments.task]
    print(json.dumps(asyncio.run(task(arguments))), flush=True)


if __name__ == "__main__":
    main()
